using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Topology.Configuration;
using DecentralizedLion.Topology.Protection;
using DecentralizedLion.Topology.Transport;

namespace DecentralizedLion.Topology.Membership;

/// <summary>
/// Every peer greets every other until both have heard each other: session, disk id, and the settings, compared field by field.
/// Of two live processes of one peer the later is refused.
/// </summary>
sealed class Handshake(RingOptions options, HelloSender hellos, RemotePeer[] peers, ITransport transport, TimeProvider clock,
    Action<RingEvent> raise)
{
    // Reported once a process; who makes up process after process is reported now and then.
    const int ReportsBetween = 6;

    /// <summary>No more reasons stand in one line.</summary>
    public const int ReasonsMax = 4;

    string? advised; // null: nothing was reported yet
    readonly ulong[] refused = new ulong[peers.Length], differing = new ulong[peers.Length];
    readonly ReportLimiter[] refusals = Limits(peers.Length, clock, options), greetings = Limits(peers.Length, clock, options);

    /// <summary>True when both have heard each other.</summary>
    public bool IsEstablished(int peer) => peers[peer] is { Session: not 0, HasHeardUs: true };

    /// <summary>True when half of the roster or more has other settings: then it is this peer that has to give way.</summary>
    public bool DiffersFromMajority => 2 * differing.Count(session => session != 0) >= peers.Length;

    /// <summary>Greets those who have not heard us yet.</summary>
    public void SendHellos()
    {
        for (int peer = 0; peer < peers.Length; peer++)
        {
            if (peer != options.SelfIndex && !IsEstablished(peer))
                SendHello(peer, wantsAnswer: true);
        }
    }

    /// <summary>The reasons for which a bootstrap waits, in sentences; none when it waits for nothing.</summary>
    public IEnumerable<string> DescribeMissingPeers()
    {
        int[] others = [.. Enumerable.Range(0, peers.Length).Where(peer => peer != options.SelfIndex)];
        foreach (int peer in others.Where(peer => differing[peer] != 0))
            yield return $"waiting for {options.PeerIds[peer]}: its settings differ from this host's, as reported above. Make "
                + $"peers.json, program version and data equal, then start {options.PeerIds[peer]} again";
        int[] absent = [.. others.Where(peer => peers[peer].Session == 0 && differing[peer] == 0)];
        if (absent.Length > 0)
        {
            string names = string.Join(", ", absent.Select(peer => options.PeerIds[peer]));
            string reasons = string.Join(". ", absent.Select(peer => (peer, Reason: Reason(peer)))
                .Where(one => one.Reason is not null).Take(ReasonsMax)
                .Select(one => $"{options.PeerIds[one.peer]}: {one.Reason}"));
            yield return reasons != advised
                ? $"waiting for {names}: a new run starts once all peers are there. "
                    + (reasons.Length > 0 ? reasons : UnreachableHint)
                : $"waiting for {names}{ShortReasons(absent)}: a new run starts once all peers are there; start the missing "
                    + "ones, or restart one peer with --bootstrap";
            advised = reasons;
        }
        foreach (int peer in others.Where(peer => IsStuck(peer) || peers[peer] is { Session: not 0, IsDisconnected: true }))
            yield return $"waiting for {options.PeerIds[peer]}: " + (IsStuck(peer) ? Reason(peer) ?? DescribeSilence(peer)
                : $"its connection closed. {Reason(peer) ?? "Check that its process and host are running"}");
        foreach (int peer in others)
        {
            if (peers[peer] is not { Session: not 0, HasHeardUs: false } known)
                continue;
            yield return known.Hello!.ReceiverSession == 0
                ? $"waiting for {options.PeerIds[peer]}: its frames arrive, but it does not hear "
                    + $"{options.PeerIds[options.SelfIndex]}. "
                    + (Reason(peer)
                        ?? "Compare its address and port in peers.json on both hosts, and check that this host can reach it")
                : $"waiting for {options.PeerIds[peer]}: it is connected to another process of "
                    + $"{options.PeerIds[options.SelfIndex]} and refuses this one. Stop one of the two";
        }
    }

    /// <summary>The advice about peers that nothing at all is known about.</summary>
    public static string UnreachableHint =>
        "The missing peers were not started, or cannot be reached (address, port, firewall): peer doctor finds out which";

    /// <summary>The advice about frames that are lost because they are long.</summary>
    public static string LargePacketsHint => "if neither the link nor a host is just slow, something on the way loses large "
        + "packets: check the MTU of a VPN or tunnel between the two hosts (peer doctor tests long frames)";

    /// <summary>The reason why there is no connection to a peer, and what to do; null: none is known, or there is one.</summary>
    public string? Reason(int peer)
    {
        string name = options.PeerIds[peer], self = options.PeerIds[options.SelfIndex];
        return transport.LastDial(peer) switch
        {
            null => null,
            { Outcome: DialOutcome.Connected } => peers[peer].Session != 0 ? IsStuck(peer)
                    ? $"{DescribeSilence(peer)}; {LargePacketsHint}" : null
                : transport.ListeningPortOf(peer) != 0
                ? $"{name} and {self} reach each other, but {name}'s frames do not arrive; {LargePacketsHint}"
                : $"this host reaches {name}, but {name}'s frames do not arrive; check that {name} can reach {self}'s address "
                + "and port from its peers.json",
            var result => result.Explain(name, self, transport.ListeningPortOf(peer)),
        };
    }

    string DescribeSilence(int peer) => $"{options.PeerIds[peer]} is connected but has sent nothing for "
        + $"{peers[peer].Silence.TotalSeconds:F0} s; check that its process and host are running";

    /// <summary>The reasons in few words, for a line that is repeated; empty: none is known.</summary>
    string ShortReasons(int[] absent)
    {
        string[] reasons = [.. absent.Where(peer => Reason(peer) is not null).Take(ReasonsMax).Select(peer =>
            transport.LastDial(peer) is { Outcome: not DialOutcome.Connected } failed
                ? failed.Describe(options.PeerIds[peer], options.PeerIds[options.SelfIndex])
                : $"{options.PeerIds[peer]} is reached, but its frames do not arrive")];
        return reasons.Length > 0 ? $" ({string.Join("; ", reasons)})" : "";
    }

    /// <summary>True for a peer that greeted, and fell silent while its connections stand.</summary>
    bool IsStuck(int peer) => peers[peer] is { Session: not 0, HasHeardUs: true, IsDisconnected: false } known
        && known.Silence > options.Timings.SuspicionTimeout;

    /// <summary>Takes a hello.</summary>
    /// <returns>Why this peer and we cannot be in one ring; null when we can, or when it was refused as a second process. It
    /// is reported to the operator once a process.</returns>
    public RingException? OnHello(int from, ulong session, Hello hello)
    {
        if (peers[from] is { } known && known.Session == session && known.DiskId != hello.DiskId)
            return null; // a process has one disk: this is not its greeting
        if (options.Fingerprint.Differences(hello.Settings) is { Count: > 0 } differences)
        {
            if (hello.WantsAnswer)
                SendHello(from, wantsAnswer: false); // so that it can name them, too; an answer to an answer would never end
            return RejectSettings(from, session, differences);
        }
        differing[from] = 0;
        RemotePeer peer = peers[from];
        if (peer.Session != 0 && peer.Session != session && !peer.IsDisconnected
            && peer.Silence < 4 * options.Timings.HeartbeatInterval)
        {
            RejectSecondProcess(from, session, hello, peer);
            return null;
        }
        if (peer.Session != session)
            Raise(greetings[from], RingEventKind.Connected, from,
                peer.Session == 0 ? $"{options.PeerIds[from]} is connected" : $"{options.PeerIds[from]} was started again");
        bool heard = hello.ReceiverSession == options.Session || (peer.Session == session && peer.HasHeardUs);
        peer.OnHello(session, hello);
        peer.HasHeardUs = heard;
        if (hello.WantsAnswer)
            SendHello(from, wantsAnswer: !heard);
        return null;
    }

    /// <summary>Takes a frame of another protocol version, of which nothing else can be read. The other peer hears our greetings
    /// and names the two versions, too.</summary>
    public RingException OnOtherVersion(int from, int version) => RejectSettings(from, ulong.MaxValue,
        [new FingerprintDifference("protocol", $"{FrameHeader.ProtocolVersion}", $"{version}")]);

    RingException RejectSettings(int from, ulong session, IReadOnlyList<FingerprintDifference> differences)
    {
        var refusal = new RingException(
            $"{options.PeerIds[from]}'s settings differ: {FingerprintDifference.Text(differences)}. "
            + "All peers need the same peers.json, program version and data; make them equal and start again.");
        if (differing[from] != session)
            Raise(refusals[from], RingEventKind.Refused, from, refusal.Message);
        differing[from] = session;
        return refusal;
    }

    /// <summary>An earlier process may just have died and not be missed yet; so only the second greeting is reported.</summary>
    void RejectSecondProcess(int from, ulong session, Hello hello, RemotePeer peer)
    {
        if (hello.WantsAnswer)
            SendHello(from, wantsAnswer: false);
        if (refused[from] == session && peer.Age > options.Timings.SuspicionTimeout)
        {
            Raise(refusals[from], RingEventKind.Refused, from,
                $"a second process of {options.PeerIds[from]} (session {session:x}) was refused, because the first "
                + $"(session {peer.Session:x}) is running. Stop one of the two");
            refused[from] = 0;
            return;
        }
        refused[from] = session;
    }

    void Raise(ReportLimiter limit, RingEventKind kind, int peer, string text)
    {
        if (limit.TryAcquire(out string since))
            raise(new(kind, peer, text + since));
    }

    static ReportLimiter[] Limits(int count, TimeProvider clock, RingOptions options) =>
        [.. Enumerable.Range(0, count).Select(_ => new ReportLimiter(clock, ReportsBetween * options.Timings.ReportInterval))];

    void SendHello(int peer, bool wantsAnswer) => hellos.Send(peer, peers[peer].Session, wantsAnswer);
}
