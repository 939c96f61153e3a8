namespace DecentralizedLion.Peer.Tests.Telemetry;

/// <summary>The tests that listen to the library's instruments, or need that nobody does; one after the other.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class TelemetryCollection
{
    public const string Name = "telemetry";
}
