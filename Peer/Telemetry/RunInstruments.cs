using System.Diagnostics.Metrics;
using DecentralizedLion.Peer.Metrics;

namespace DecentralizedLion.Peer.Telemetry;

/// <summary>The instruments of training: what this peer's events say of steps, evaluations, checkpoints and the ring. With nobody
/// who listens a recording allocates nothing.</summary>
sealed class RunInstruments(Meter meter)
{
    const string Seconds = "s", Share = "1";

    // From a step of a small network on one host to a snapshot over a slow link.
    static readonly InstrumentAdvice<double> durations = new()
    {
        HistogramBucketBoundaries = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300],
    };

    readonly Histogram<double> step = Duration(meter, "step.duration",
        "Time of an applied step: gradient and exchange");

    readonly Histogram<double> compute = Duration(meter, "step.compute.duration",
        "Forward, backward and ballot of a step; only where this peer computed one");

    readonly Histogram<double> exchange = Duration(meter, "step.exchange.duration",
        "From the ballot to the applied step");

    readonly Gauge<long> number = meter.CreateGauge<long>(Name("step.number"), "{step}", "Steps applied so far, of the run");

    readonly Gauge<long> steps = meter.CreateGauge<long>(Name("run.steps"), "{step}", "Steps of the whole run; 0: no last one");

    readonly Gauge<long> parameters = meter.CreateGauge<long>(Name("model.parameters"), "{parameter}", "Parameters of the model");

    readonly Gauge<double> loss = meter.CreateGauge<double>(Name("train.loss"), "{nat}",
        "Mean loss of the voters' mini-batches in the last step");

    readonly Gauge<double> learningRate = meter.CreateGauge<double>(Name("train.learning_rate"), Share,
        "Learning rate of the last step");

    readonly Gauge<double> agreement = meter.CreateGauge<double>(Name("vote.agreement"), Share,
        "How far the votes of the last step outweighed each other, 0 to 1");

    readonly Gauge<double> flips = meter.CreateGauge<double>(Name("vote.flips"), Share,
        "Share of the parameters whose majority turned round in the last step");

    readonly Gauge<double> ties = meter.CreateGauge<double>(Name("vote.ties"), Share,
        "Share of the parameters with even votes in the last step");

    readonly Gauge<long> voters = meter.CreateGauge<long>(Name("vote.voters"), "{peer}", "Ballots in the last step");

    readonly Counter<long> abstentions = meter.CreateCounter<long>(Name("vote.abstentions"), "{step}",
        "Steps without this peer's ballot while it was a member, by reason");

    readonly Gauge<double> testLoss = meter.CreateGauge<double>(Name("evaluation.loss"), "{nat}",
        "Mean loss on the test data, where this peer measured it last");

    readonly Gauge<double> accuracy = meter.CreateGauge<double>(Name("evaluation.accuracy"), Share,
        "Share of right answers on the test data, where this peer measured it last");

    readonly Histogram<double> evaluation = Duration(meter, "evaluation.duration", "Time of an evaluation");

    readonly Histogram<double> checkpoint = Duration(meter, "checkpoint.duration", "Time of writing a checkpoint");

    readonly Counter<long> events = meter.CreateCounter<long>(Name("ring.events"), "{event}",
        "Events of the ring that this peer told, by kind");

    readonly Counter<long> viewChanges = meter.CreateCounter<long>(Name("ring.view_changes"), "{view_change}",
        "Views decided while this peer was there, by kind: view-changed after a fault, regrouped, founded");

    readonly Histogram<double> viewChange = Duration(meter, "ring.view_change.duration",
        "From the need for another view to its decision, where this peer saw the need");

    readonly Histogram<double> recovery = Duration(meter, "ring.recovery.duration",
        "From the last step before a fault to the first after it");

    readonly Histogram<double> transfer = Duration(meter, "state_transfer.duration",
        "From the first missing record or snapshot that was asked for to the last");

    /// <summary>Records what an event says.</summary>
    public void Record(PeerEvent happened)
    {
        switch (happened)
        {
            case Started e:
                number.Record(e.Step);
                steps.Record(e.Steps);
                parameters.Record(e.Parameters);
                break;
            case Stepped e:
                Record(e);
                break;
            case Evaluated e:
                Record(testLoss, e.Loss);
                accuracy.Record(e.Accuracy);
                evaluation.Record(e.Seconds);
                break;
            case Saved { Seconds: { } seconds }:
                checkpoint.Record(seconds);
                break;
            case Fault e:
                Record(e);
                break;
            default:
                break;
        }
    }

    /// <summary>An instrument's name.</summary>
    public static string Name(string name) => $"decentralized_lion.{name}";

    void Record(Stepped e)
    {
        step.Record(e.ComputeSeconds + e.ExchangeSeconds);
        if (e.ComputeSeconds > 0)
            compute.Record(e.ComputeSeconds);
        exchange.Record(e.ExchangeSeconds);
        number.Record(e.Step);
        learningRate.Record(e.LearningRate);
        voters.Record(e.Voters);
        Record(loss, e.Loss);
        Record(agreement, e.Agreement);
        Record(flips, e.Flips);
        Record(ties, e.Ties);
        if (e.Why is { } why)
            abstentions.Add(1, new KeyValuePair<string, object?>(AttributeNames.AbstentionReason, why));
    }

    void Record(Fault e)
    {
        var kind = new KeyValuePair<string, object?>(AttributeNames.EventKind, e.What);
        events.Add(1, kind);
        if (e.What is PeerEvents.ViewChanged or PeerEvents.Reconfigured or PeerEvents.Bootstrapped)
            viewChanges.Add(1, kind);
        if (e.Seconds is not { } seconds)
            return;
        if (e.What is PeerEvents.ViewChanged or PeerEvents.Reconfigured)
            viewChange.Record(seconds, kind);
        else if (e.What == PeerEvents.Recovered)
            recovery.Record(seconds);
        else if (e.What == PeerEvents.Fetched)
            transfer.Record(seconds);
    }

    static void Record(Gauge<double> gauge, double? value)
    {
        if (value is { } number)
            gauge.Record(number);
    }

    static Histogram<double> Duration(Meter meter, string name, string what) =>
        meter.CreateHistogram(Name(name), Seconds, what, tags: null, durations);
}
