using System.Text.Json.Serialization;
using DecentralizedLion.Codecs.LionK;

namespace DecentralizedLion.Peer.Metrics;

/// <summary>
/// An event of a peer: one JSON object a line, in its metrics file and, in a child of the demo, on its standard
/// output.
/// <c>kind</c> says which record it is. Times are seconds, sizes are bytes, digests are lower-case hexadecimal.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(Started), "start")]
[JsonDerivedType(typeof(Stepped), "step")]
[JsonDerivedType(typeof(Evaluated), "evaluation")]
[JsonDerivedType(typeof(Theory), "theory")]
[JsonDerivedType(typeof(Saved), "checkpoint")]
[JsonDerivedType(typeof(Busy), "busy")]
[JsonDerivedType(typeof(Note), "note")]
[JsonDerivedType(typeof(Fault), "ring")]
[JsonDerivedType(typeof(Ended), "end")]
[JsonDerivedType(typeof(Links), "links")]
[JsonDerivedType(typeof(Profiled), "profile")]
public abstract record PeerEvent;

/// <summary>Training begins or is resumed. Lines before it with a higher step belong to an earlier process and are done
/// again.</summary>
/// <param name="Peer">This peer's id.</param>
/// <param name="Step">Steps applied so far.</param>
/// <param name="Steps">Steps of the whole run; 0 when it has no last step.</param>
/// <param name="Peers">Peers in the roster.</param>
/// <param name="Parameters">Parameters of the model.</param>
/// <param name="Device">Where gradients are computed: cpu, cuda:0.</param>
/// <param name="Fingerprint">The run's fingerprint.</param>
public sealed record Started(string Peer, long Step, long Steps, int Peers, long Parameters, string Device, string Fingerprint)
    : PeerEvent;

/// <summary>A step was applied.</summary>
/// <param name="Step">Steps applied, this one included.</param>
/// <param name="Loss">Mean training loss of the voters' mini-batches, in nats; null when nobody voted.</param>
/// <param name="LearningRate">The step's learning rate.</param>
/// <param name="BitsPerParameter">Payload bits this peer sent in this step, divided by parameters.</param>
/// <param name="BytesSent">Bytes this peer sent in this step: payload, envelopes and control.</param>
/// <param name="ComputeSeconds">Forward, backward and ballot.</param>
/// <param name="ExchangeSeconds">From the ballot to the applied step.</param>
/// <param name="Voters">Peers whose ballots were counted.</param>
/// <param name="Agreement">Mean of |2·positive + abstentions − voters| / voters over parameters, 0 … 1; null when not
/// measured.</param>
/// <param name="Digest">The chain digest after this step; equal on all peers.</param>
/// <param name="View">The number of the view it was decided in; 0 in files of older versions.</param>
/// <param name="Abstained">Ids of members of that view whose ballots were not counted.</param>
/// <param name="Away">Ids of peers of the roster that were not members of that view.</param>
/// <param name="Why">Why this peer is among <paramref name="Abstained"/>, a text of <see cref="AbstentionReason"/>; null: it
/// is not, or that is not known.</param>
public sealed record Stepped(
    long Step, double? Loss, double LearningRate, double BitsPerParameter, long BytesSent,
    double ComputeSeconds, double ExchangeSeconds, int Voters, double? Agreement, string Digest,
    int View = 0, IReadOnlyList<string>? Abstained = null, IReadOnlyList<string>? Away = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Why = null) : PeerEvent
{
    /// <summary>The ids of members that did not vote in this step.</summary>
    public IReadOnlyList<string> Abstained { get; init; } = Ids(Abstained);

    /// <summary>The ids of peers of the roster that are no members of the view.</summary>
    public IReadOnlyList<string> Away { get; init; } = Ids(Away);

    /// <summary>The share of the parameters whose majority is the opposite of the one before; null without a vote.</summary>
    public double? Flips { get; init; }

    /// <summary>The share of the parameters whose majority is zero; null without a vote.</summary>
    public double? Zeros { get; init; }

    /// <summary>The share of ties among the parameters that this peer decided; null when it decided none by a vote.</summary>
    public double? Ties { get; init; }

    // JSON may have a null among them, whatever the type says.
    static IReadOnlyList<string> Ids(IReadOnlyList<string>? read) =>
        read is null ? [] : read.Contains(null!) ? [.. read.OfType<string>()] : read;
}

/// <summary>The weights after a step, measured on the test part.</summary>
/// <param name="Step">Steps applied.</param>
/// <param name="Loss">Mean loss in nats.</param>
/// <param name="Accuracy">Right answers divided by answers, 0 … 1.</param>
/// <param name="Samples">Samples used.</param>
/// <param name="Seconds">How long it took.</param>
/// <param name="Digest">The chain digest after this step.</param>
public sealed record Evaluated(long Step, double? Loss, double Accuracy, long Samples, double Seconds, string Digest) : PeerEvent;

/// <summary>The distance of the weights from theory's solution after a step (arXiv 2310.05898); see
/// <see cref="LionTheory"/>.</summary>
/// <param name="Step">Steps applied.</param>
/// <param name="BoxDistance">max(0, ‖x‖∞ − 1/λ), which shrinks by 1 − lr·λ a step whatever the votes are; null when λ is
/// 0.</param>
/// <param name="KktScore">Zero exactly at a solution of the constrained problem; null when not asked for.</param>
/// <param name="Lyapunov">H, with this peer's own momentum; null when not asked for, or outside of the constraint.</param>
public sealed record Theory(long Step, double? BoxDistance, double? KktScore, double? Lyapunov) : PeerEvent;

/// <summary>A checkpoint was written.</summary>
public sealed record Saved(long Step, string File) : PeerEvent
{
    /// <summary>The seconds that writing it took, most of them while training went on; null in files of older
    /// versions.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Seconds { get; init; }

    /// <summary>The time from its end to this event.</summary>
    internal TimeSpan SinceWritten { get; init; }
}

/// <summary>The peer does something else than gradients for a while; the others may go on without its ballots.</summary>
/// <param name="Step">Steps applied.</param>
/// <param name="With">The reason, a text of <see cref="AbstentionReason"/>.</param>
public sealed record Busy(long Step, string With) : PeerEvent;

/// <summary>Something a person should know: a ballot that was not cast, a checkpoint that cannot be read.</summary>
public sealed record Note(string Text) : PeerEvent;

/// <summary>Something happened to the ring; see <see cref="PeerEvents"/>.</summary>
/// <param name="What">Which event: the name of a RingEventKind in lower case with hyphens, such as view-changed.</param>
/// <param name="Peer">To whom it happened, an id; null when to no one peer.</param>
/// <param name="Text">A sentence: what happened, what was done or what to do.</param>
/// <param name="Seconds">How long it took; null when it has no length.</param>
/// <param name="Step">Steps that the telling peer had applied.</param>
/// <param name="Time">When, by the telling host's clock, in UTC.</param>
public sealed record Fault(string What, string? Peer, string Text, double? Seconds, long Step, DateTimeOffset Time) : PeerEvent;

/// <summary>The process ends in order.</summary>
/// <param name="Step">Steps applied.</param>
/// <param name="Reason">finished, left or failed.</param>
/// <param name="Digest">The chain digest.</param>
/// <param name="Seconds">How long this process trained.</param>
/// <param name="Retries">How often it asked again for frames; null when it was not counted.</param>
public sealed record Ended(long Step, string Reason, string Digest, double Seconds, long? Retries = null) : PeerEvent
{
    /// <summary>The reason of a peer that has applied the last step.</summary>
    public const string Finished = "finished";

    /// <summary>The reason of a peer that was asked to leave.</summary>
    public const string Left = "left";

    /// <summary>The reason of a peer that could not go on.</summary>
    public const string Failed = "failed";
}
