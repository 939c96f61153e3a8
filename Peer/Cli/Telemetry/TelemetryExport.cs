using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace DecentralizedLion.Peer.Cli.Telemetry;

/// <summary>
/// The ways by which a run's telemetry leaves the process: OTLP, on threads of its own, and whatever is read from
/// <see cref="Metrics"/>. When a collector cannot be reached, only the telemetry for it is lost; the training is not affected.
/// </summary>
sealed class TelemetryExport : IAsyncDisposable
{
    /// <summary>The name of the service where OTEL_SERVICE_NAME gives none.</summary>
    public const string ServiceName = "decentralized-lion";

    /// <summary>.NET's own meter: processor time, memory, garbage collection, thread pool.</summary>
    const string RuntimeMeter = "System.Runtime";

    /// <summary>The time that the end of a run waits for a collector.</summary>
    static readonly TimeSpan patience = TimeSpan.FromSeconds(2);

    readonly OtlpSignals signals;
    readonly TimeProvider time;
    readonly ResourceBuilder resource;
    readonly TracerProvider? traces;

    /// <summary>Begins to collect what is asked for.</summary>
    /// <param name="run">The run.</param>
    /// <param name="peer">This peer's id.</param>
    /// <param name="signals">What is sent by OTLP.</param>
    /// <param name="servesMetrics">True when metrics are read over HTTP.</param>
    /// <param name="time">The clock.</param>
    public TelemetryExport(string run, string peer, OtlpSignals signals, bool servesMetrics, TimeProvider time)
    {
        (this.signals, this.time) = (signals, time);
        // What the variables say comes last, and wins.
        resource = ResourceBuilder.CreateEmpty().AddService(ServiceName, serviceNamespace: run, serviceInstanceId: peer)
            .AddTelemetrySdk().AddEnvironmentVariableDetector();
        if (signals.Metrics || servesMetrics)
            Metrics = MetricsOf(servesMetrics);
        if (signals.Traces)
            traces = Sdk.CreateTracerProviderBuilder().SetResourceBuilder(resource).AddSource(RingTelemetry.Name)
                .AddOtlpExporter().Build();
    }

    /// <summary>The metrics that are collected; null: none are.</summary>
    public MeterProvider? Metrics { get; }

    /// <summary>Sends log records, too, where that is on.</summary>
    public void AddTo(ILoggingBuilder logging)
    {
        if (signals.Logs)
            logging.AddOpenTelemetry(options =>
            {
                options.IncludeFormattedMessage = true;
                options.SetResourceBuilder(resource).AddOtlpExporter();
            });
    }

    /// <summary>Sends what has gathered, for a moment at most: the ring's figures go with the ring.</summary>
    public Task FlushAsync() => signals.Metrics ? WithPatience(() => Metrics!.ForceFlush((int)patience.TotalMilliseconds))
        : Task.CompletedTask;

    /// <summary>Sends the rest, for a moment at most.</summary>
    public async ValueTask DisposeAsync() => await WithPatience(() =>
    {
        traces?.Shutdown((int)patience.TotalMilliseconds);
        Metrics?.Shutdown((int)patience.TotalMilliseconds);
    });

    MeterProvider MetricsOf(bool servesMetrics)
    {
        var builder = Sdk.CreateMeterProviderBuilder().SetResourceBuilder(resource).AddMeter(RingTelemetry.Name, RuntimeMeter);
        if (signals.Metrics)
            builder.AddOtlpExporter();
        if (servesMetrics)
            builder.AddPrometheusExporter();
        return builder.Build();
    }

    /// <summary>Does not wait for a collector that takes a connection and says nothing: an export has its own, longer
    /// time.</summary>
    Task WithPatience(Action send) => Task.WhenAny(Task.Run(send), Task.Delay(2 * patience, time));
}
