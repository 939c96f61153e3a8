using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Topology.Configuration;
using DecentralizedLion.Topology.Membership;
using DecentralizedLion.Topology.Transport;

namespace DecentralizedLion.Topology.Diagnostics;

/// <summary>
/// Checks all links of a peer: listens on its ports, unless the peer runs and has them, dials the peers that it would dial, and
/// sends them a <see cref="Probe"/>. Running members and other hosts' diagnostics answer a probe; it changes nothing in a
/// running member.
/// </summary>
sealed class LinkDiagnostics : IDisposable
{
    // A member that takes us for the peer may send what it would send to it.
    const int PayloadMax = 8 << 20;

    /// <summary>A connection whose handshake fails lasts a moment only.</summary>
    const int SteadyTicks = 4;

    static readonly TimeSpan TickInterval = TimeSpan.FromMilliseconds(100), ProbeInterval = TimeSpan.FromMilliseconds(250),
        LongProbeInterval = TimeSpan.FromSeconds(2);

    /// <summary>The time for which others are answered after everything is known here, so that they come to know it,
    /// too.</summary>
    static readonly TimeSpan Afterwards = TimeSpan.FromMilliseconds(600);

    /// <summary>So long a link may take before it is dialled by plain TCP: a peer that is well sees no strange
    /// connections.</summary>
    static readonly TimeSpan DialAfter = TimeSpan.FromSeconds(1);

    readonly int self;
    readonly TransportEndpoints endpoints;
    readonly IReadOnlyList<FingerprintField> settings;
    readonly IReadOnlySet<string> unknown;
    readonly ulong session;
    readonly TimeProvider time;
    readonly ZeroMqTransport transport;
    readonly LinkDiagnosis[] diagnoses;
    readonly ulong[] heard;
    readonly (int Looks, int Breaks)[] steady;
    readonly Task?[] dials;
    readonly long?[] sentLong;

    /// <summary>Listens and dials.</summary>
    /// <param name="self">Our roster index.</param>
    /// <param name="endpoints">Where this peer listens and whom it dials.</param>
    /// <param name="settings">What it is set to.</param>
    /// <param name="unknown">Fields that cannot be known here and are not compared.</param>
    /// <param name="session">A random number, not 0.</param>
    /// <param name="time">The clock.</param>
    /// <param name="names">The peers' ids; null: their indices.</param>
    public LinkDiagnostics(int self, TransportEndpoints endpoints, IReadOnlyList<FingerprintField> settings,
        IReadOnlySet<string> unknown, ulong session, TimeProvider time, IReadOnlyList<string>? names = null)
    {
        ArgumentOutOfRangeException.ThrowIfZero(session);
        (this.self, this.endpoints, this.settings, this.unknown, this.session, this.time) = (self, endpoints, settings, unknown,
            session, time);
        int count = endpoints.Bind.Count;
        diagnoses = [.. Enumerable.Range(0, count).Select(peer => new LinkDiagnosis(peer))];
        heard = new ulong[count];
        steady = new (int, int)[count];
        dials = new Task?[count];
        sentLong = new long?[count];
        transport = new ZeroMqTransport(self, endpoints, new LinkLimits(PayloadMax), session, names, null,
            (peer, e) => diagnoses[peer] = diagnoses[peer] with { ListenError = e.InnerException?.Message ?? e.Message });
        transport.Handler = OnFrame;
    }

    /// <summary>The errors that keep this peer from listening for others, by roster index.</summary>
    public IEnumerable<(int Peer, string Reason)> ListenErrors =>
        diagnoses.Where(diagnosis => diagnosis.ListenError is not null)
            .Select(diagnosis => (diagnosis.Peer, diagnosis.ListenError!));

    /// <summary>The roster indices of the peers whose links are not known to be well yet; for any thread.</summary>
    public IEnumerable<int> Waiting => Others.Where(other => !IsKnown(other)).Select(other => other.Peer);

    IEnumerable<LinkDiagnosis> Others => diagnoses.Where(diagnosis => diagnosis.Peer != self);

    /// <summary>Looks until every link is known to be well both ways, or the time is over and the last dial done. To be called
    /// once.</summary>
    /// <param name="wait">How long.</param>
    public Task<IReadOnlyList<LinkDiagnosis>> RunAsync(TimeSpan wait)
    {
        transport.Start();
        return transport.InvokeAsync(() => RunOnLoopAsync(wait));
    }

    /// <inheritdoc/>
    public void Dispose() => transport.Dispose();

    async Task<IReadOnlyList<LinkDiagnosis>> RunOnLoopAsync(TimeSpan wait)
    {
        long start = time.GetTimestamp();
        long? asked = null, well = null;
        while (time.GetElapsedTime(start) < wait && (well is null || time.GetElapsedTime(well.Value) < Afterwards))
        {
            if (asked is null || time.GetElapsedTime(asked.Value) >= ProbeInterval)
            {
                asked = time.GetTimestamp();
                foreach (LinkDiagnosis other in Others)
                    Ask(other);
            }
            await Task.Delay(TickInterval, time);
            bool isLate = time.GetElapsedTime(start) >= DialAfter;
            foreach (LinkDiagnosis other in Others.ToArray())
                Tick(other.Peer, isLate);
            well = Others.All(IsKnown) ? well ?? time.GetTimestamp() : null;
        }
        foreach (LinkDiagnosis other in Others.Where(other => !other.ReachedByUs && endpoints.Keys is null))
            dials[other.Peer] ??= DialAsync(other.Peer);
        await Task.WhenAll(dials.OfType<Task>());
        return [.. Others];
    }

    /// <summary>Well both ways, and its answer has come: that it has heard us may also be known by its own asking.</summary>
    static bool IsKnown(LinkDiagnosis other) =>
        other is { ReachesUs: true, ReachedByUs: true, RoundTrip: not null, CarriesLongFrames: true };

    void Ask(LinkDiagnosis other)
    {
        Send(other.Peer, new Probe(heard[other.Peer], !IsKnown(other), Probe.TimeOf(time), 0, settings));
        // A long frame when short ones arrive, and again now and then: it takes its time on a slow link.
        if (!other.ReachedByUs || other.CarriesLongFrames
            || (sentLong[other.Peer] is { } sent && time.GetElapsedTime(sent) < LongProbeInterval))
            return;
        sentLong[other.Peer] = time.GetTimestamp();
        Send(other.Peer, new Probe(heard[other.Peer], true, Probe.TimeOf(time), 0, settings, Probe.LongPadding));
    }

    void Tick(int peer, bool isLate)
    {
        var (isConnected, breaks) = transport.ConnectionStateOf(peer);
        steady[peer] = isConnected && steady[peer].Breaks == breaks ? (steady[peer].Looks + 1, breaks) : (0, breaks);
        diagnoses[peer] = diagnoses[peer] with
        {
            IsConnected = diagnoses[peer].IsConnected || steady[peer].Looks >= SteadyTicks,
            Breaks = breaks,
            ListeningPort = transport.ListeningPortOf(peer),
        };
        if (endpoints.Keys is not null)
            Take(peer, transport.LastDial(peer)); // the front dials by itself
        else if (isLate && !diagnoses[peer].ReachedByUs && dials[peer] is null or { IsCompleted: true })
            dials[peer] = DialAsync(peer);
    }

    async Task DialAsync(int peer) => Take(peer, await transport.ProbeOf(peer).DialAsync(CancellationToken.None));

    /// <summary>Another doctor may be done before this one: a port that is closed now says less than the first result.</summary>
    void Take(int peer, DialResult? result)
    {
        if (result is not null && (diagnoses[peer].Dial is null or { Outcome: DialOutcome.Refused or DialOutcome.TimedOut }
            || result.Outcome != DialOutcome.Refused))
            diagnoses[peer] = diagnoses[peer] with { Dial = result };
    }

    void Send(int to, Probe probe)
    {
        byte[] payload = probe.Encode();
        var header = new FrameHeader(FrameKind.Probe, 0, session, 0, 0, 0, 0, 0, 0, 0, default, 0);
        transport.Send(to, probe.Padding > 0 ? LinkChannel.Data : LinkChannel.Control,
            header with { Crc = header.Checksum(payload) }, payload);
    }

    void OnFrame(int from, ReadOnlyMemory<byte> envelope, ReadOnlyMemory<byte> payload)
    {
        if (!FrameHeader.TryRead(envelope, out FrameHeader header, out FrameError error))
        {
            if (error == FrameError.WrongVersion && FrameHeader.VersionOf(envelope) is { } version)
            {
                diagnoses[from] = diagnoses[from] with
                {
                    ReachesUs = true,
                    Differences = [new FingerprintDifference("protocol", $"{FrameHeader.ProtocolVersion}", $"{version}")],
                };
            }
            return;
        }
        if (!transport.IsSessionOf(from, header.Session) || header.Kind is FrameKind.Reduce or FrameKind.Gather
            || header.Checksum(payload.Span) != header.Crc)
            return;
        diagnoses[from] = diagnoses[from] with { ReachesUs = true };
        if (header.Kind == FrameKind.Hello && Hello.TryDecode(payload) is { } hello)
            Compare(from, hello.Settings);
        if (header.Kind == FrameKind.Probe && header.Session != 0 && Probe.TryDecode(payload) is { } probe)
            OnProbe(from, header.Session, probe);
    }

    void OnProbe(int from, ulong theirs, Probe probe)
    {
        long now = Probe.TimeOf(time);
        heard[from] = theirs;
        Compare(from, probe.Settings);
        LinkDiagnosis diagnosis = diagnoses[from] with
        {
            ReachedByUs = diagnoses[from].ReachedByUs || probe.ReceiverSession == session,
        };
        if (probe is { Echo: > 0, Padding: Probe.LongPadding } && probe.ReceiverSession == session)
            diagnosis = diagnosis with { CarriesLongFrames = true };
        else if (probe.ReceiverSession == session && probe.Echo > 0 && probe.Echo <= now
            && new TimeSpan((now - probe.Echo) * TimeSpan.TicksPerMicrosecond) is var trip
            && !(diagnosis.RoundTrip <= trip))
        {
            double ahead = (probe.Time - (double)now) + trip.TotalMicroseconds / 2;
            diagnosis = diagnosis with
            {
                RoundTrip = trip,
                ClockAhead = TimeSpan.FromMicroseconds(Math.Clamp(ahead, -1e15, 1e15))
            };
        }
        diagnoses[from] = diagnosis;
        if (probe.WantsAnswer)
            Send(from, probe.Answer(theirs, time, settings));
    }

    void Compare(int from, IReadOnlyList<FingerprintField> theirs)
    {
        var known = new Fingerprint(settings.Where(setting => !unknown.Contains(setting.Name)));
        diagnoses[from] = diagnoses[from] with
        {
            Differences = known.Differences([.. theirs.Where(setting => !unknown.Contains(setting.Name))]),
        };
    }
}
