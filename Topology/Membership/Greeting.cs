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

    /// <summary>What the founding waits for, in sentences; none when it waits for nothing.</summary>
    public IEnumerable<string> Waits()
    {
        int[] others = [.. Enumerable.Range(0, peers.Length).Where(peer => peer != options.Self)];
        string[] absent = [.. others.Where(peer => peers[peer] is null).Select(peer => options.Names[peer])];
        if (absent.Length > 0)
        {
            yield return $"waiting for {string.Join(", ", absent)}: the whole roster is needed once to start; start the peer there, "
                + "or check its address and port";
        }
        foreach (int peer in others)
        {
            if (peers[peer] is not { HasHeardUs: false } known)
                continue;
            yield return known.Hello.Heard == 0
                ? $"waiting for {options.Names[peer]}: it is there but does not hear {options.Names[options.Self]}; check the address and "
                    + "port of this peer, and that the other can reach it"
                : $"waiting for {options.Names[peer]}: it is in a ring with another process of {options.Names[options.Self]}; stop that "
                    + "process, or stop all peers and start them again";
        }
    }

    public void GreetAll()
    {
        for (int peer = 0; peer < peers.Length; peer++)
        {
            // Those who have heard us, too: until we heartbeat, a hello is our sign of life.
            if (peer != options.Self)
                Greet(peer);
        }
    }

    /// <summary>Takes a hello. Returns a reason when this peer and we cannot be in one ring.</summary>
    public RingException? OnHello(int from, ulong session, Hello hello)
    {
        if (options.Fingerprint.FirstDifference(hello.Parts) is { } difference)
        {
            if (hello.WantsAnswer)
                Greet(from, wantsAnswer: false); // so that it can name the field, too; an answer to an answer would never end
            return new RingException($"{options.Names[from]} is set up differently: {difference}. "
                + "All peers need the same peers.json, program and data; make them equal and start again.");
        }
        if (peers[from] is { } known && known.Session != session)
        {
            // Nothing is founded on its earlier process yet.
            tell(new RingEvent(RingEventKind.Greeted, from, $"{options.Names[from]} was started again"));
            peers[from] = null;
        }
        else if (peers[from] is null)
        {
            tell(new RingEvent(RingEventKind.Greeted, from, $"{options.Names[from]} is here"));
        }
        bool heard = hello.Heard == options.Session || peers[from] is { HasHeardUs: true };
        peers[from] = new Known(session, hello, heard);
        if (hello.WantsAnswer)
            Greet(from);
        if (Enumerable.Range(0, peers.Length).All(peer => peer == options.Self || peers[peer] is { HasHeardUs: true }))
            done.TrySetResult();
        return null;
    }

    /// <summary>
    /// Takes the hello of another process of a peer, when the ring is founded. Returns why it is refused; the ring itself must stop
    /// for it only when the peer's own process is gone.
    /// </summary>
    public RingException Refuse(int from, Hello hello)
    {
        if (hello.WantsAnswer)
            Greet(from, wantsAnswer: false);
        return options.Fingerprint.FirstDifference(hello.Parts) is { } difference
            ? new RingException($"{options.Names[from]} was restarted while the ring was running, and is set up differently: {difference}. "
                + "Make all peers equal, stop them and start them again.")
            : new RingException($"{options.Names[from]} was restarted while the ring was running; this ring cannot take it "
                + "back. Stop all peers and start them again: they go on from their checkpoints.");
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

    void Greet(int peer) => Greet(peer, peers[peer] is not { HasHeardUs: true });

    void Greet(int peer, bool wantsAnswer)
    {
        var hello = new Hello(SessionOf(peer), wantsAnswer, state.Step, state.Chain, state.Digest, options.Fingerprint.Parts);
        outbox.Control(peer, FrameKind.Hello, 0, hello.Encode());
    }

    sealed record Known(ulong Session, Hello Hello, bool HasHeardUs);
}
