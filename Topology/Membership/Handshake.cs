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

    string? advised; // null: nothing was said yet
    readonly ulong[] refused = new ulong[peers.Length], differing = new ulong[peers.Length];
    readonly ReportLimiter[] refusals = Limits(peers.Length, clock, options), greetings = Limits(peers.Length, clock, options);

    /// <summary>True when both have heard each other.</summary>
    public bool IsEstablished(int peer) => peers[peer] is { Session: not 0, HasHeardUs: true };

    /// <summary>True when half of the roster or more is set up differently: then it is this peer that has to give way.</summary>
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
            yield return $"waiting for {options.PeerIds[peer]}: it is set up differently; make its peers.json, program and data "
                + "like these and start it again";
        int[] absent = [.. others.Where(peer => peers[peer].Session == 0 && differing[peer] == 0)];
        if (absent.Length > 0)
        {
            string names = string.Join(", ", absent.Select(peer => options.PeerIds[peer]));
            string reasons = string.Join(". ", absent.Select(peer => (peer, Reason: Reason(peer)))
                .Where(one => one.Reason is not null).Take(ReasonsMax)
                .Select(one => $"{options.PeerIds[one.peer]}: {one.Reason}"));
            yield return $"waiting for {names}: the whole roster is needed once to start"
                + (reasons == advised ? "" : $". {(reasons.Length > 0 ? reasons : UnreachableHint)}");
            advised = reasons;
        }
        foreach (int peer in others.Where(peer => IsStuck(peer) || peers[peer] is { Session: not 0, IsDisconnected: true }))
            yield return $"waiting for {options.PeerIds[peer]}: it was here, and nothing comes of it any more"
                + (Reason(peer) is { } reason ? $". {reason}" : "; look whether it goes on");
        foreach (int peer in others)
        {
            if (peers[peer] is not { Session: not 0, HasHeardUs: false } known)
                continue;
            yield return known.Hello!.ReceiverSession == 0
                ? $"waiting for {options.PeerIds[peer]}: it is there but does not hear {options.PeerIds[options.SelfIndex]}. "
                    + (Reason(peer)
                        ?? "Compare its address and port in peers.json on both hosts, and look whether this host can reach it")
                : $"waiting for {options.PeerIds[peer]}: it knows another process of {options.PeerIds[options.SelfIndex]}, which "
                + "is alive; this later "
                    + "one is refused. Stop one of the two";
        }
    }

    /// <summary>The advice about peers of which nothing at all is known.</summary>
    public static string UnreachableHint =>
        "Who is missing was not started, or cannot be reached (address, port, firewall): peer doctor tells which";

    /// <summary>The advice about frames that are lost because they are long.</summary>
    public static string LargePacketsHint => "if the link is not just slow, something on the way loses large packets: look at "
        + "the MTU of a VPN or tunnel between the two hosts (peer doctor tries long frames)";

    /// <summary>The reason why there is no connection to a peer, and what to do; null: none is known, or there is one.</summary>
    public string? Reason(int peer)
    {
        string name = options.PeerIds[peer], self = options.PeerIds[options.SelfIndex];
        return transport.LastDial(peer) switch
        {
            null => null,
            { Outcome: DialOutcome.Connected } => peers[peer].Session != 0 ? IsStuck(peer)
                    ? $"{name} is connected, and nothing has come of it for {peers[peer].Silence.TotalSeconds:F0} s; look "
                    + $"whether its process and host go on; {LargePacketsHint}" : null
                : transport.ListeningPortOf(peer) != 0
                ? $"{name} and {self} reach each other, and no frame of {name} comes here; {LargePacketsHint}"
                : $"{name} is reached, and nothing of it comes here; look whether it can reach {self}'s address and port in its "
                + "peers.json",
            var result => result.Explain(name, self, transport.ListeningPortOf(peer)),
        };
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
                peer.Session == 0 ? $"{options.PeerIds[from]} is here" : $"{options.PeerIds[from]} was started again");
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
            $"{options.PeerIds[from]} is set up differently: {FingerprintDifference.Text(differences)}. "
            + "All peers need the same peers.json, program and data; make them equal and start again.");
        if (differing[from] != session)
            Raise(refusals[from], RingEventKind.Refused, from, refusal.Message);
        differing[from] = session;
        return refusal;
    }

    /// <summary>An earlier process may just have died and not be missed yet; so it is said the second time only.</summary>
    void RejectSecondProcess(int from, ulong session, Hello hello, RemotePeer peer)
    {
        if (hello.WantsAnswer)
            SendHello(from, wantsAnswer: false);
        if (refused[from] == session && peer.Age > options.Timings.SuspicionTimeout)
        {
            Raise(refusals[from], RingEventKind.Refused, from,
                $"a second process of {options.PeerIds[from]} (session {session:x}) was refused; the first "
                + $"(session {peer.Session:x}) is alive. Stop one of the two");
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
