using DecentralizedLion.Codecs;
using DecentralizedLion.Topology.Commit;
using DecentralizedLion.Topology.Exchange;

namespace DecentralizedLion.Topology.Membership;

/// <summary>
/// Founding: every peer greets every other until both have heard each other. Then all know the same: who is there with which
/// session, and whose state is the furthest.
/// </summary>
sealed class Greeting(MemberOptions options, Outbox outbox, IReplicaState state, Action<RingEvent> tell)
{
    readonly Known?[] peers = new Known?[options.Names.Count];
    (long Step, ChainDigest Chain, ChainDigest State)? stand;
    readonly TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task Done => done.Task;

    /// <summary>Where we stood when we first greeted: all must found the ring on the same words, whoever is ready first.</summary>
    (long Step, ChainDigest Chain, ChainDigest State) Stand => stand ??= (state.Step, state.Chain, state.Digest);

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

    /// <summary>
    /// The peer whose state all others take: of those at the furthest step the state that most of them have, of its holders the
    /// lowest rank. Two states of one step of one chain, held by equally many, are an error: one of them is damaged.
    /// </summary>
    /// <exception cref="RingException">No state can be preferred.</exception>
    public int Source()
    {
        var states = Enumerable.Range(0, peers.Length).Select(peer => peer == options.Self
            ? (Peer: peer, Stand.Step, Stand.Chain, Stand.State)
            : (Peer: peer, peers[peer]!.Hello.Step, peers[peer]!.Hello.Chain, peers[peer]!.Hello.State)).ToArray();
        long furthest = states.Max(known => known.Step);
        var groups = states.Where(known => known.Step == furthest).GroupBy(known => (known.Chain, known.State))
            .OrderByDescending(group => group.Count()).ThenBy(group => group.Min(known => known.Peer)).ToArray();
        if (furthest > 0 && groups.Length > 1 && groups[0].Count() == groups[1].Count() && groups[0].Key.Chain == groups[1].Key.Chain)
        {
            string said = string.Join("; ", groups.Select(group => string.Join(", ", group.Select(known => options.Names[known.Peer]))
                + $" {group.Key.State.Short}"));
            throw new RingException($"after step {furthest} the peers have different states of one and the same chain ({said}), and no "
                + "state has most of them. Keep the folder of a peer whose state is right, remove the others' and start all again.");
        }
        foreach (var odd in groups.Skip(1).SelectMany(group => group))
        {
            if (furthest > 0)
                tell(new RingEvent(RingEventKind.Diverged, odd.Peer, $"{options.Names[odd.Peer]} has another state after step {furthest} "
                    + "than most peers; it takes theirs"));
        }
        return groups[0].Min(known => known.Peer);
    }

    public View FirstView(long afterStep)
    {
        int[] members = [.. Enumerable.Range(0, peers.Length)];
        return new View(1, members, [.. members.Select(peer => peer == options.Self ? options.Session : SessionOf(peer))], afterStep + 1);
    }

    void Greet(int peer) => Greet(peer, peers[peer] is not { HasHeardUs: true });

    void Greet(int peer, bool wantsAnswer)
    {
        var hello = new Hello(SessionOf(peer), wantsAnswer, Stand.Step, Stand.Chain, Stand.State, options.Fingerprint.Parts);
        outbox.Control(peer, FrameKind.Hello, 0, hello.Encode());
    }

    sealed record Known(ulong Session, Hello Hello, bool HasHeardUs);
}
