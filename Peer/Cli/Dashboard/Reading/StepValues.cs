using System.Runtime.CompilerServices;

namespace DecentralizedLion.Peer.Cli.Dashboard.Reading;

/// <summary>A number for each <see cref="StepMetric"/>; NaN where a step has none.</summary>
[InlineArray(Count)]
struct StepValues
{
    /// <summary>The number of metrics.</summary>
    public const int Count = (int)StepMetric.BitsPerParameter + 1;

    double first;

    /// <summary>No number for any metric.</summary>
    public static StepValues None
    {
        get
        {
            StepValues none = default;
            for (int i = 0; i < Count; i++)
                none[i] = double.NaN;
            return none;
        }
    }
}
