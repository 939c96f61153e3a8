using System.Globalization;

namespace DecentralizedLion.Topology.Simulation.Faults;

/// <summary>One fault of a schedule. It ends by itself, so that any subset of a schedule is a schedule.</summary>
/// <param name="At">When it happens.</param>
/// <param name="Kind">What.</param>
/// <param name="Peer">To whom; of a partition the peers of one side, of leaving together those who leave, as bits.</param>
/// <param name="Other">The receiver of a cut link.</param>
/// <param name="For">How long it lasts, or how long the process is away.</param>
/// <param name="Amount">
/// A chance (loss, repeat, corrupt), milliseconds (delay; leaving together: from the first wish to the last), a factor (slow),
/// what share of a torn record is written, or of a crash: 1 when the host is gone, too, and refuses nothing.
/// </param>
readonly record struct Fault(TimeSpan At, FaultKind Kind, int Peer = -1, int Other = -1, TimeSpan For = default,
    double Amount = 0)
{
    /// <summary>The time when it is over.</summary>
    public TimeSpan End => At + For;

    /// <summary>Such as <c>1.250 s: p2 is killed, back after 0.800 s</c>.</summary>
    public override string ToString() => $"{Seconds(At)}: {Text}";

    /// <summary>The same without its time.</summary>
    public string Text => Kind switch
    {
        FaultKind.Loss => $"{Share} of the frames are lost for {Seconds(For)}",
        FaultKind.Repeat => $"{Share} of the frames come twice for {Seconds(For)}",
        FaultKind.Corrupt => $"{Share} of the frames have a flipped bit for {Seconds(For)}",
        FaultKind.Delay => string.Create(CultureInfo.InvariantCulture, $"frames take up to {Amount:F1} ms for {Seconds(For)}"),
        FaultKind.Reorder =>
            string.Create(CultureInfo.InvariantCulture, $"frames overtake each other within {Amount:F1} ms for {Seconds(For)}"),
        FaultKind.OneWayCut => $"nothing passes from p{Peer} to p{Other} for {Seconds(For)}",
        FaultKind.Cut => $"nothing passes between p{Peer} and p{Other} for {Seconds(For)}",
        FaultKind.Partition =>
            $"{{{string.Join(',', Side.Select(peer => $"p{peer}"))}}} are cut off from the others for {Seconds(For)}",
        FaultKind.Crash => $"p{Peer}{(Amount > 0 ? "'s host" : "")} is killed, back after {Seconds(For)}",
        FaultKind.TornWrite => $"p{Peer} is killed while it writes its next record ({Share} of it), back after {Seconds(For)}",
        FaultKind.CrashAll => $"all are killed, back within {Seconds(For)}",
        FaultKind.Freeze => $"p{Peer} is frozen for {Seconds(For)}",
        FaultKind.Slow =>
            string.Create(CultureInfo.InvariantCulture, $"p{Peer} computes {Amount:F0} times slower for {Seconds(For)}"),
        FaultKind.Wipe => $"p{Peer} is killed, back with an empty disk after {Seconds(For)}",
        FaultKind.Forget => $"p{Peer} is killed, back without its promises after {Seconds(For)}",
        FaultKind.Leave => $"p{Peer} is asked to leave, back {Seconds(For)} after it left",
        FaultKind.LeaveTogether => $"{{{string.Join(',', Side.Select(peer => $"p{peer}"))}}} are asked to leave within "
            + string.Create(CultureInfo.InvariantCulture, $"{Amount:F0} ms, back {Seconds(For)} after they left"),
        FaultKind.DiskFull => $"p{Peer}'s disk is full for {Seconds(For)}",
        FaultKind.Flip => $"a bit of p{Peer}'s weights flips",
        FaultKind.ForceNewRing => $"all are killed, only p{Peer}'s disk is left; p{Peer} forces a new ring after {Seconds(For)}",
        _ => $"{Kind}",
    };

    /// <summary>The peers of a partition's one side.</summary>
    internal IEnumerable<int> Side
    {
        get
        {
            for (int peer = 0; peer < 31; peer++)
            {
                if ((Peer >> peer & 1) != 0)
                    yield return peer;
            }
        }
    }

    string Share => string.Create(CultureInfo.InvariantCulture, $"{100 * Amount:F0} %");

    internal static string Seconds(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:F3} s");
}
