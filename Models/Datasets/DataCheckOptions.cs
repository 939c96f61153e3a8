namespace DecentralizedLion.Models.Datasets;

/// <summary>The terms on which the data are read through once before a run.</summary>
sealed record DataCheckOptions
{
    /// <summary>The usual name of <see cref="File"/>, in a peer's folder.</summary>
    public const string FileName = "data.check";

    /// <summary>The file in which the result is remembered; null to remember nothing.</summary>
    public string? File { get; init; }

    /// <summary>True to use what is remembered and to write nothing.</summary>
    public bool IsReadOnly { get; init; }

    /// <summary>Takes lines for a person: how far a long check is, and what could not be remembered.</summary>
    public Action<string>? Report { get; init; }

    /// <summary>The clock, for how often a long check reports.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}
