using DecentralizedLion.Codecs.Reductions;
using DecentralizedLion.Topology.Commit;
using DecentralizedLion.Topology.Exchange;
using DecentralizedLion.Topology.Membership;
using DecentralizedLion.Topology.ViewChanges;

namespace DecentralizedLion.Topology.Node;

/// <summary>
/// The selector of the way of the exchange where the settings leave it open (docs/protocol.md#choice-of-the-exchange): it judges
/// by a step's size, the measured round trips and the time that exchanges really take. A change must look clearly better for a
/// while, and changes that are taken back make the next one wait longer.
/// </summary>
sealed class ExchangeSelector(RingOptions options, MemberState state, RemotePeer[] peers, TimeProvider clock)
{
    // For how many intervals between two changes a measurement counts, and a change is one that was taken back soon.
    const int MemoryIntervals = 15, SoonIntervals = 10;

    // A wish that finds no quorum in this share of the time for which it was sustained is dropped, and must be sustained anew.
    const double WishShare = 0.2;

    static readonly TimeSpan longestInterval = TimeSpan.FromHours(1);

    readonly ExchangeMeter meter = new();
    readonly (double Speed, long At)?[] known = new (double, long)?[2];
    readonly Dictionary<(ExchangeKind, int), ExchangeTraffic> traffic = [];
    IReadOnlyList<Bucket>? buckets;
    ExchangeForecast? forecast;
    TimeSpan interval = options.Timings.ExchangeSwitchInterval;
    long? wishedSince, switchedAt;

    /// <summary>The settings leave the way open.</summary>
    public bool IsAutomatic => options.Exchange is null;

    /// <summary>The other way has looked clearly faster for long enough: a view should be proposed that takes it.</summary>
    public bool IsSwitchDue => wishedSince is { } since && clock.GetElapsedTime(since) is var sustained
        && sustained >= options.Timings.ExchangeSwitchTime && sustained <= WishTime;

    /// <summary>The other way looks faster here, too: this member agrees when another proposes it.</summary>
    public bool AcceptsSwitch => IsAutomatic && meter.IsSettled && forecast is { } times
        && times.Favours(Present, ExchangeForecast.EnoughGain, meter.StepSeconds);

    ExchangeKind Present => state.View.Exchange.Kind;

    TimeSpan WishTime => options.Timings.ExchangeSwitchTime * (1 + WishShare);

    bool MaySwitch => switchedAt is not { } at || clock.GetElapsedTime(at) >= interval;

    /// <summary>The choice for a view with so many members: the present way, unless the other one is clearly faster.</summary>
    public ExchangeChoice Choose(int members)
    {
        if (options.Exchange is { } given)
            return new ExchangeChoice(given);
        // Two members do the same by either way.
        if (members < 3 || (members == state.View.Count ? forecast : Predict(members)) is not { } times)
            return new ExchangeChoice(Present);
        bool other = MaySwitch && times.Favours(Present, ExchangeForecast.ClearGain, meter.StepSeconds);
        return ExchangeChoice.Of(other ? OtherThan(Present) : Present, times.Ring, times.Direct);
    }

    /// <summary>Notes that a view is installed: what was measured in the one before stays known for a while.</summary>
    public void OnViewInstalled(View old, View view)
    {
        if (old.MemberSet == view.MemberSet && old.Exchange.Kind != view.Exchange.Kind)
        {
            bool isSoon = switchedAt is { } last && clock.GetElapsedTime(last) < SoonIntervals * interval;
            TimeSpan next = !isSoon ? options.Timings.ExchangeSwitchInterval : 2 * interval;
            interval = next < longestInterval ? next : longestInterval;
            switchedAt = clock.GetTimestamp();
        }
        meter.Clear();
        (forecast, wishedSince) = (null, null);
    }

    /// <summary>Takes the time of a step that was committed here.</summary>
    public void OnCommitted(InflightStep step)
    {
        if (!IsAutomatic || state.View.Count < 3 || step is not { LastReadyAt: { } began, CompletedAt: { } ended }
            || !state.View.MemberSet.IsSubsetOf(step.ReadyPeers) || step.Exchange.Voters != state.View.MemberSet
            || clock.GetElapsedTime(began, ended) is var took && took <= TimeSpan.Zero)
            return;
        if (!ReferenceEquals(buckets, step.Exchange.Layout.Buckets))
        {
            buckets = step.Exchange.Layout.Buckets;
            traffic.Clear();
        }
        meter.Record(took.TotalSeconds, clock.GetElapsedTime(step.StartedAt).TotalSeconds, TrafficOf(Present, state.View.Count),
            LatencyOf(Present));
        if (!meter.IsSettled)
            return;
        known[(int)Present] = (meter.Speed, clock.GetTimestamp());
        forecast = Predict(state.View.Count);
        bool wishes = MaySwitch && forecast is { } times
            && times.Favours(Present, ExchangeForecast.ClearGain, meter.StepSeconds);
        if (!wishes || (wishedSince is { } since && clock.GetElapsedTime(since) > WishTime))
            wishedSince = null;
        else
            wishedSince ??= clock.GetTimestamp();
    }

    /// <summary>The times for so many members; null: nothing was measured.</summary>
    ExchangeForecast? Predict(int members)
    {
        ExchangeKind other = OtherThan(Present);
        if (buckets is null || SpeedOf(Present) is not { } speed)
            return null;
        double present = meter.IsSettled && members == state.View.Count ? meter.Seconds
            : TrafficOf(Present, members).Seconds(speed, LatencyOf(Present));
        double predicted = TrafficOf(other, members).Seconds(SpeedOf(other) ?? speed, LatencyOf(other));
        return Present == ExchangeKind.Ring ? new(present, predicted) : new(predicted, present);
    }

    double? SpeedOf(ExchangeKind kind) => known[(int)kind] is { } measured
        && clock.GetElapsedTime(measured.At) < MemoryIntervals * interval ? measured.Speed : null;

    /// <summary>The seconds to another member: the ring goes over short links and long ones, the direct exchange waits for the
    /// longest.</summary>
    double LatencyOf(ExchangeKind kind)
    {
        var (sum, longest, others) = (0.0, 0.0, 0);
        foreach (int member in state.View.Members)
        {
            if (member == options.SelfIndex)
                continue;
            double oneWay = peers[member].RoundTrip.Smoothed.TotalSeconds / 2;
            (sum, longest, others) = (sum + oneWay, Math.Max(longest, oneWay), others + 1);
        }
        return kind == ExchangeKind.Direct ? longest : sum / Math.Max(1, others);
    }

    static ExchangeKind OtherThan(ExchangeKind kind) => kind == ExchangeKind.Ring ? ExchangeKind.Direct : ExchangeKind.Ring;

    ExchangeTraffic TrafficOf(ExchangeKind kind, int members)
    {
        if (!traffic.TryGetValue((kind, members), out ExchangeTraffic? of))
            traffic.Add((kind, members), of = ExchangeTraffic.Of(kind, buckets!, members, options.SegmentWords));
        return of;
    }
}
