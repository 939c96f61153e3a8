using DecentralizedLion.Codecs;
using DecentralizedLion.Topology.Membership;
using DecentralizedLion.Topology.Transport;

namespace DecentralizedLion.Topology.Diagnostics;

/// <summary>
/// Looks at all links of a peer in its place, while it does not run: listens where it would, dials whom it would, and asks by
/// <see cref="Probe"/>, which running members answer without taking note, and others that look do, too.
/// </summary>
public sealed class LinkCheckup : IDisposable
{
    // A member that takes us for the peer may send what it would send to it.
    const int LargestPayload = 8 << 20;

    /// <summary>A connection whose handshake fails lasts a moment only.</summary>
    const int SteadyLooks = 4;

    static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(100), ProbeEvery = TimeSpan.FromMilliseconds(250),
        LongProbeEvery = TimeSpan.FromSeconds(2);

    /// <summary>How long others are answered after everything is known here, so that they come to know it, too.</summary>
    static readonly TimeSpan Afterwards = TimeSpan.FromMilliseconds(600);

    /// <summary>So long a link may take before it is dialled by plain TCP: a peer that is well sees no strange connections.</summary>
    static readonly TimeSpan DialAfter = TimeSpan.FromSeconds(1);

    readonly int self;
    readonly MeshEndpoints endpoints;
    readonly IReadOnlyList<FingerprintPart> parts;
    readonly IReadOnlySet<string> unknown;
    readonly ulong session;
    readonly TimeProvider time;
    readonly ZeroMqMesh mesh;
    readonly LinkFinding[] findings;
    readonly ulong[] heard;
    readonly (int Looks, int Breaks)[] steady;
    readonly Task?[] dials;
    readonly long?[] sentLong;

    /// <summary>Listens and dials.</summary>
    /// <param name="self">Our roster index.</param>
    /// <param name="endpoints">Where this peer listens and whom it dials.</param>
    /// <param name="parts">What it is set to.</param>
    /// <param name="unknown">Fields that cannot be known here and are not compared.</param>
    /// <param name="session">A random number, not 0.</param>
    /// <param name="time">The clock.</param>
    /// <param name="names">The peers' ids; null: their indices.</param>
    public LinkCheckup(int self, MeshEndpoints endpoints, IReadOnlyList<FingerprintPart> parts, IReadOnlySet<string> unknown, ulong session, TimeProvider time,
        IReadOnlyList<string>? names = null)
    {
        ArgumentOutOfRangeException.ThrowIfZero(session);
        (this.self, this.endpoints, this.parts, this.unknown, this.session, this.time) = (self, endpoints, parts, unknown, session, time);
        int count = endpoints.Bind.Count;
        findings = [.. Enumerable.Range(0, count).Select(peer => new LinkFinding(peer))];
        heard = new ulong[count];
        steady = new (int, int)[count];
        dials = new Task?[count];
        sentLong = new long?[count];
        mesh = new ZeroMqMesh(self, endpoints, new LinkBounds(LargestPayload), session, names, null,
            (peer, e) => findings[peer] = findings[peer] with { Hindrance = e.InnerException?.Message ?? e.Message });
        mesh.Handler = OnFrame;
    }

    /// <summary>What hinders this peer from listening for others, by roster index.</summary>
    public IEnumerable<(int Peer, string Reason)> Hindrances =>
        findings.Where(finding => finding.Hindrance is not null).Select(finding => (finding.Peer, finding.Hindrance!));

    IEnumerable<LinkFinding> Others => findings.Where(finding => finding.Peer != self);

    /// <summary>Looks until every link is known to be well both ways, or the time is over and the last dial done. To be called once.</summary>
    /// <param name="wait">How long.</param>
    public Task<IReadOnlyList<LinkFinding>> LookAsync(TimeSpan wait)
    {
        mesh.Start();
        return mesh.InvokeAsync(() => LookOnLoopAsync(wait));
    }

    /// <inheritdoc/>
    public void Dispose() => mesh.Dispose();

    async Task<IReadOnlyList<LinkFinding>> LookOnLoopAsync(TimeSpan wait)
    {
        long start = time.GetTimestamp();
        long? asked = null, well = null;
        while (time.GetElapsedTime(start) < wait && (well is null || time.GetElapsedTime(well.Value) < Afterwards))
        {
            if (asked is null || time.GetElapsedTime(asked.Value) >= ProbeEvery)
            {
                asked = time.GetTimestamp();
                foreach (LinkFinding other in Others)
                    Ask(other);
            }
            await Task.Delay(LookEvery, time);
            bool isLate = time.GetElapsedTime(start) >= DialAfter;
            foreach (LinkFinding other in Others.ToArray())
                Look(other.Peer, isLate);
            well = Others.All(IsKnown) ? well ?? time.GetTimestamp() : null;
        }
        foreach (LinkFinding other in Others.Where(other => !other.HearsUs && endpoints.Keys is null))
            dials[other.Peer] ??= DialAsync(other.Peer);
        await Task.WhenAll(dials.OfType<Task>());
        return [.. Others];
    }

    /// <summary>Well both ways, and its answer has come: that it has heard us may also be known by its own asking.</summary>
    static bool IsKnown(LinkFinding other) => other is { Heard: true, HearsUs: true, RoundTrip: not null, CarriesLongFrames: true };

    void Ask(LinkFinding other)
    {
        Send(other.Peer, new Probe(heard[other.Peer], !IsKnown(other), Probe.TimeOf(time), 0, parts));
        // A long frame when short ones arrive, and again now and then: it takes its time on a slow link.
        if (!other.HearsUs || other.CarriesLongFrames || (sentLong[other.Peer] is { } sent && time.GetElapsedTime(sent) < LongProbeEvery))
            return;
        sentLong[other.Peer] = time.GetTimestamp();
        Send(other.Peer, new Probe(heard[other.Peer], true, Probe.TimeOf(time), 0, parts, Probe.LongPadding));
    }

    void Look(int peer, bool isLate)
    {
        var (isConnected, breaks) = mesh.Dialled(peer);
        steady[peer] = isConnected && steady[peer].Breaks == breaks ? (steady[peer].Looks + 1, breaks) : (0, breaks);
        findings[peer] = findings[peer] with
        {
            IsConnected = findings[peer].IsConnected || steady[peer].Looks >= SteadyLooks,
            Breaks = breaks,
            ListeningPort = mesh.ListeningPortOf(peer),
        };
        if (endpoints.Keys is not null)
            Take(peer, mesh.LastDial(peer)); // the front dials by itself
        else if (isLate && !findings[peer].HearsUs && dials[peer] is null or { IsCompleted: true })
            dials[peer] = DialAsync(peer);
    }

    async Task DialAsync(int peer)
    {
        Take(peer, await PortProbe.DialAsync(HostPort.Parse(endpoints.Connect[peer]), mesh.Resolver, time, CancellationToken.None));
    }

    /// <summary>Another doctor may be done before this one: that nobody listens any more says less than who did.</summary>
    void Take(int peer, DialResult? result)
    {
        if (result is not null && (findings[peer].Dial is null or { Outcome: DialOutcome.Refused or DialOutcome.TimedOut } || result.Outcome != DialOutcome.Refused))
            findings[peer] = findings[peer] with { Dial = result };
    }

    void Send(int to, Probe probe)
    {
        byte[] payload = probe.Encode();
        var header = new FrameHeader(FrameKind.Probe, 0, session, 0, 0, 0, 0, 0, 0, 0, default, 0);
        mesh.Send(to, probe.Padding > 0 ? Channel.Data : Channel.Control, header with { Crc = header.Checksum(payload) }, payload);
    }

    void OnFrame(int from, ReadOnlyMemory<byte> envelope, ReadOnlyMemory<byte> payload)
    {
        if (!FrameHeader.TryRead(envelope, out FrameHeader header, out FrameError error))
        {
            if (error == FrameError.WrongVersion && FrameHeader.VersionOf(envelope) is { } version)
            {
                findings[from] = findings[from] with
                {
                    Heard = true,
                    Differences = [new FingerprintDifference("protocol", $"{FrameHeader.ProtocolVersion}", $"{version}")],
                };
            }
            return;
        }
        if (!mesh.IsSessionOf(from, header.Session) || header.Kind is FrameKind.Reduce or FrameKind.Gather || header.Checksum(payload.Span) != header.Crc)
            return;
        findings[from] = findings[from] with { Heard = true };
        if (header.Kind == FrameKind.Hello && Hello.TryDecode(payload) is { } hello)
            Compare(from, hello.Parts);
        if (header.Kind == FrameKind.Probe && header.Session != 0 && Probe.TryDecode(payload) is { } probe)
            OnProbe(from, header.Session, probe);
    }

    void OnProbe(int from, ulong theirs, Probe probe)
    {
        long now = Probe.TimeOf(time);
        heard[from] = theirs;
        Compare(from, probe.Parts);
        LinkFinding finding = findings[from] with { HearsUs = findings[from].HearsUs || probe.Heard == session };
        if (probe is { Echo: > 0, Padding: Probe.LongPadding } && probe.Heard == session)
            finding = finding with { CarriesLongFrames = true };
        else if (probe.Heard == session && probe.Echo > 0 && probe.Echo <= now && new TimeSpan((now - probe.Echo) * TimeSpan.TicksPerMicrosecond) is var trip
            && !(finding.RoundTrip <= trip))
        {
            double ahead = (probe.Time - (double)now) + trip.TotalMicroseconds / 2;
            finding = finding with { RoundTrip = trip, ClockAhead = TimeSpan.FromMicroseconds(Math.Clamp(ahead, -1e15, 1e15)) };
        }
        findings[from] = finding;
        if (probe.WantsAnswer)
            Send(from, probe.Answer(theirs, time, parts));
    }

    void Compare(int from, IReadOnlyList<FingerprintPart> theirs)
    {
        var known = new Fingerprint(parts.Where(part => !unknown.Contains(part.Field)));
        findings[from] = findings[from] with { Differences = known.Differences([.. theirs.Where(part => !unknown.Contains(part.Field))]) };
    }
}
