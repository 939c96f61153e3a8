using DecentralizedLion.Codecs;
using DecentralizedLion.Topology.Exchange;

namespace DecentralizedLion.Topology.Membership;

/// <summary>
/// Founding: every peer greets every other until both have heard each other. Then all know the same: who is there with which
/// session, and whose state is the furthest.
/// </summary>
sealed class Greeting(MemberOptions options, Outbox outbox, IReplicaState state, Action<RingEvent> tell)
{
    readonly Known?[] peers = new Known?[options.Names.Count];
    readonly TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task Done => done.Task;

    /// <summary>Ends the wait with a reason.</summary>
    public void Fail(RingException reason) => done.TrySetException(reason);

    /// <summary>The session a peer greeted with, 0 when it has not.</summary>
    public ulong SessionOf(int peer) => peers[peer]?.Session ?? 0;

    public Hello HelloOf(int peer) => peers[peer]!.Hello;

    public IEnumerable<string> Absent => Enumerable.Range(0, peers.Length)
        .Where(peer => peer != options.Self && peers[peer] is null).Select(peer => options.Names[peer]);

    public void GreetAll()
    {
        for (int peer = 0; peer < peers.Length; peer++)
        {
            if (peer != options.Self && peers[peer] is not { HasHeardUs: true })
                Greet(peer);
        }
    }

    /// <summary>Takes a hello. Returns a reason when this peer and we cannot be in one ring.</summary>
    public RingException? OnHello(int from, ulong session, Hello hello)
    {
        if (options.Fingerprint.FirstDifference(hello.Parts) is { } difference)
        {
            if (hello.Heard != options.Session)
                Greet(from); // so that it can name the field, too
            return new RingException($"{options.Names[from]} is set up differently: {difference}. "
                + "All peers need the same peers.json, program and data; make them equal and start again.");
        }
        if (peers[from] is { } known && known.Session != session)
        {
            return new RingException($"{options.Names[from]} was restarted while the ring was running; this ring cannot take it "
                + "back. Stop all peers and start them again: they go on from their checkpoints.");
        }
        if (peers[from] is null)
            tell(new RingEvent(RingEventKind.Greeted, from, $"{options.Names[from]} is here"));
        bool heard = hello.Heard == options.Session;
        bool news = peers[from] is null;
        peers[from] = new Known(session, hello, heard || peers[from] is { HasHeardUs: true });
        if (!heard || news)
            Greet(from);
        if (Enumerable.Range(0, peers.Length).All(peer => peer == options.Self || peers[peer] is { HasHeardUs: true }))
            done.TrySetResult();
        return null;
    }

    /// <summary>The peer whose state all others take: the furthest step, of those the lowest rank.</summary>
    public int Source()
    {
        int source = options.Self;
        long step = state.Step;
        for (int peer = 0; peer < peers.Length; peer++)
        {
            if (peers[peer] is { } known && (known.Hello.Step > step || (known.Hello.Step == step && peer < source)))
                (source, step) = (peer, known.Hello.Step);
        }
        return source;
    }

    public View FirstView(long afterStep)
    {
        int[] members = [.. Enumerable.Range(0, peers.Length)];
        return new View(1, members, [.. members.Select(peer => peer == options.Self ? options.Session : SessionOf(peer))], afterStep + 1);
    }

    void Greet(int peer)
    {
        var hello = new Hello(SessionOf(peer), state.Step, state.Chain, state.Digest, options.Fingerprint.Parts);
        outbox.Control(peer, FrameKind.Hello, 0, hello.Encode());
    }

    sealed record Known(ulong Session, Hello Hello, bool HasHeardUs);
}
