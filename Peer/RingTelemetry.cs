namespace DecentralizedLion;

/// <summary>The name by which a program's telemetry finds this library; docs/operations.md#telemetry lists what there
/// is.</summary>
public static class RingTelemetry
{
    /// <summary>The name of the <see cref="System.Diagnostics.Metrics.Meter"/> and of the
    /// <see cref="System.Diagnostics.ActivitySource"/>.</summary>
    public const string Name = "DecentralizedLion";
}
