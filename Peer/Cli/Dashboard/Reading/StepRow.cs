namespace DecentralizedLion.Peer.Cli.Dashboard.Reading;

/// <summary>A step as a line of a metrics file has it.</summary>
sealed class StepRow
{
    /// <summary>Steps applied, this one included.</summary>
    public required long Step { get; init; }

    /// <summary>The view that the step was decided in.</summary>
    public required int View { get; init; }

    /// <summary>The first 64 bits of the chain digest after the step.</summary>
    public required ulong Digest { get; init; }

    /// <summary>The step's numbers.</summary>
    public required StepValues Values { get; init; }

    /// <summary>The ids of members whose ballots are not in the step.</summary>
    public required IReadOnlyList<string> Abstained { get; init; }

    /// <summary>The ids of peers that were not members.</summary>
    public required IReadOnlyList<string> Away { get; init; }

    /// <summary>The reason why the peer that wrote the line abstained; null: it did not, or that is not known.</summary>
    public required string? Why { get; init; }

    /// <summary>A number of the step; null where it has none.</summary>
    public double? this[StepMetric metric] => double.IsFinite(Values[(int)metric]) ? Values[(int)metric] : null;
}
