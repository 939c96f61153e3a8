namespace DecentralizedLion.Models.Tests.Datasets;

/// <summary>A clock on which each look takes a second.</summary>
sealed class SteppingTime : TimeProvider
{
    long seconds;

    public override long TimestampFrequency => 1;

    public override long GetTimestamp() => seconds++;
}
