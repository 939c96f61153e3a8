namespace DecentralizedLion.Peer.Cli.Telemetry;

/// <summary>The signals that the standard variables of OpenTelemetry switch on. Without any of them all are off.</summary>
/// <param name="Metrics">Metrics are sent.</param>
/// <param name="Traces">Traces are sent.</param>
/// <param name="Logs">Logs are sent.</param>
readonly record struct OtlpSignals(bool Metrics, bool Traces, bool Logs)
{
    const string Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT", Exporter = "otlp";

    /// <summary>True when any is on.</summary>
    public bool Any => Metrics || Traces || Logs;

    /// <summary>Reads the variables.</summary>
    public static OtlpSignals Read(Func<string, string?> environment) =>
        string.Equals(environment("OTEL_SDK_DISABLED"), "true", StringComparison.OrdinalIgnoreCase) ? default
            : new(IsOn("METRICS", environment), IsOn("TRACES", environment), IsOn("LOGS", environment));

    /// <summary>OTEL_…_EXPORTER decides where it is set; else an address to send to does.</summary>
    static bool IsOn(string signal, Func<string, string?> environment) =>
        environment($"OTEL_{signal}_EXPORTER") is { Length: > 0 } exporters
            ? exporters.Split(',', StringSplitOptions.TrimEntries).Contains(Exporter, StringComparer.OrdinalIgnoreCase)
            : environment(Endpoint) is { Length: > 0 } || environment($"OTEL_EXPORTER_OTLP_{signal}_ENDPOINT") is { Length: > 0 };
}
