using System.Globalization;
using DecentralizedLion.Models.Sampling;
using DecentralizedLion.Topology.Configuration;

namespace DecentralizedLion.Peer.Configuration;

/// <summary>The settings of training: the plain fields of peers.json. Every one but those of evaluation (theory among them) and
/// suspectAfter must be equal on all hosts.</summary>
sealed record TrainingSettings
{
    public static readonly IReadOnlyList<string> TieRules = ["previous", "zero", "hash"];
    public static readonly IReadOnlyList<string> Exchanges = ["auto", "ring", "direct"];
    public static readonly IReadOnlyList<string> MomentumSyncs = ["piece", "whole"];
    public static readonly IReadOnlyList<string> WeightDecays = [AllParameters, Matrices];
    public static readonly IReadOnlyList<string> Deadlines = ["adaptive", "off"];

    /// <summary>The rule for a run's name, in words.</summary>
    public const string RunNames = "1 to 64 characters of A–Z a–z 0–9 _ . -, the first no dot";

    /// <summary>The text of <c>batch</c> with which the samples are shared out by the peers' speeds.</summary>
    public const string SharedBatch = "auto";

    const string AllParameters = "all", Matrices = "matrices";
    const int PiecesMax = 1_000_000, UsualBatch = 32;

    /// <summary>The run's name: part of the fingerprint and of the output folder.</summary>
    public required string Run { get; init; }

    /// <summary>Decides the initial weights and the order of the samples.</summary>
    public required ulong Seed { get; init; }

    /// <summary>Steps of the whole run.</summary>
    public required long Steps { get; init; }

    /// <summary>Samples per peer and step; of no effect with <see cref="GlobalBatch"/>.</summary>
    public required int Batch { get; init; }

    /// <summary>Samples of all peers together and step, kept when peers come and go; null: each takes
    /// <see cref="Batch"/>.</summary>
    public int? GlobalBatch { get; init; }

    /// <summary><see cref="GlobalBatch"/> is shared out by the peers' measured gradient times: a faster one takes more.</summary>
    public bool IsBatchShared { get; init; }

    public required string Method { get; init; }
    public required string Ties { get; init; }
    public required string Exchange { get; init; }

    /// <summary>The peak learning rate: how far a weight moves in a step.</summary>
    public required float LearningRate { get; init; }

    /// <summary>λ: weights shrink by 1 − lr·λ a step.</summary>
    public required float WeightDecay { get; init; }

    /// <summary>The parameters that the weight decay is for: "all", or "matrices", those of two dimensions and more, so that
    /// norms and biases keep their size.</summary>
    public required string WeightDecayOf { get; init; }

    public required float Beta1 { get; init; }
    public required float Beta2 { get; init; }

    /// <summary>Micro-batches of <see cref="Batch"/> samples whose mean gradient a step is made of.</summary>
    public required int Accumulate { get; init; }

    /// <summary>K: Lion steps that a peer makes on its own before each vote on what they moved; 1 for none.</summary>
    public required int LocalSteps { get; init; }

    /// <summary>A peer's gradient is scaled down to at most this length; 0 for any.</summary>
    public required float GradientClip { get; init; }

    /// <summary>L: a step's gradient is computed before the L majorities before it are known, so that the exchange hides behind
    /// it.</summary>
    public required int Delay { get; init; }

    /// <summary>𝒦 of the Lion-𝒦 family, as <see cref="DecentralizedLion.Codecs.LionK.Kappa.Parse"/> reads it.</summary>
    public required string Kappa { get; init; }

    /// <summary>P: all peers' momenta are set to their mean once in P steps; 0: never.</summary>
    public required int MomentumSync { get; init; }

    /// <summary>"piece": a P-th of them in every step; "whole": all of them in every P-th.</summary>
    public required string MomentumSyncBy { get; init; }

    /// <summary>True when evaluations come with the KKT score and the Lyapunov value, which take a few gradients more.</summary>
    public required bool Theory { get; init; }

    /// <summary>The share of the entries that graddrop and dgc send.</summary>
    public required double Keep { get; init; }

    /// <summary>Steps in which dgc sends more than that.</summary>
    public required long KeepWarmup { get; init; }

    /// <summary>Steps in which the learning rate rises to its peak.</summary>
    public required long Warmup { get; init; }

    /// <summary>The fraction of the peak that the learning rate ends at, 0 … 1.</summary>
    public required double FinalLearningRate { get; init; }

    /// <summary>Steps between evaluations; 0 for only at the end.</summary>
    public required long EvaluateEvery { get; init; }

    /// <summary>Samples of the test part in an evaluation while training; the one at the end takes them all. 0 for all.</summary>
    public required long EvaluateSamples { get; init; }

    /// <summary>Steps between checkpoints; 0 for only at the end, and the journal then keeps every step.</summary>
    public required long CheckpointEvery { get; init; }

    /// <summary>Steps in a row without a finite gradient after which a peer stops.</summary>
    public required int NonFiniteLimit { get; init; }

    /// <summary>The number of samples that a peer takes in a step.</summary>
    public BatchSize BatchSize => new(Batch, GlobalBatch, Accumulate * LocalSteps);

    /// <summary>The rule by which a ballot is late and its peer only relays: "adaptive", by all members' recent gradient times;
    /// "off", never.</summary>
    public required string Deadline { get; init; }

    /// <summary>Seconds without a sign of life of a peer after which it is suspected to be dead.</summary>
    public required double SuspectAfter { get; init; }

    /// <summary>The least number of members of the ring with which steps are made.</summary>
    public required int MinPeers { get; init; }

    public static TrainingSettings Read(SettingsReader root)
    {
        var isShared = root.Says("batch", SharedBatch);
        var settings = new TrainingSettings
        {
            Run = root.Text("run"),
            Seed = root.Unsigned("seed", 1),
            Steps = root.Long("steps", 1, 1_000_000_000),
            Batch = isShared ? UsualBatch : root.Int("batch", 1, Roster.BatchMax, UsualBatch),
            IsBatchShared = isShared,
            GlobalBatch = root.Has("globalBatch") ? root.Int("globalBatch", 1, 1_000_000) : null,
            Method = root.OneOf("method", OptimizerRules.Names, "mavo"),
            Ties = root.OneOf("ties", TieRules, "previous"),
            Exchange = root.OneOf("exchange", Exchanges, "auto"),
            LearningRate = (float)root.Number("learningRate", 0, 1, excludeMin: true),
            WeightDecay = (float)root.Number("weightDecay", 0, 1000, 0.1),
            WeightDecayOf = root.OneOf("weightDecayOf", WeightDecays, AllParameters),
            Beta1 = (float)root.Number("beta1", 0, 1, 0.9, excludeMax: true),
            Beta2 = (float)root.Number("beta2", 0, 1, root.Has("method")
                && root.OneOf("method", OptimizerRules.Names, "mavo") == "g-adamw" ? 0.999 : 0.99, excludeMax: true),
            Accumulate = root.Int("accumulate", 1, 1_000_000, 1),
            LocalSteps = root.Int("localSteps", 1, 1_000_000, 1),
            GradientClip = (float)root.Number("gradientClip", 0, 1e30, 0),
            Delay = root.Int("delay", 0, 2, 0),
            Kappa = root.Text("kappa", "sign"),
            MomentumSync = root.Int("momentumSync", 0, 1_000_000, 0),
            MomentumSyncBy = root.OneOf("momentumSyncBy", MomentumSyncs, "piece"),
            Theory = root.Flag("theory", false),
            Keep = root.Number("keep", 0, 1, 0.04, excludeMin: true),
            KeepWarmup = root.Long("keepWarmup", 0, 1_000_000_000, 0),
            Warmup = root.Long("warmup", 0, 1_000_000_000, 0),
            FinalLearningRate = root.Number("finalLearningRate", 0, 1, 0),
            EvaluateEvery = root.Long("evaluateEvery", 0, 1_000_000_000, 100),
            EvaluateSamples = root.Long("evaluateSamples", 0, 1_000_000_000, 1000),
            CheckpointEvery = root.Long("checkpointEvery", 0, 1_000_000_000, 200),
            NonFiniteLimit = root.Int("nonFiniteLimit", 1, 1_000_000, 10),
            Deadline = root.OneOf("deadline", Deadlines, "adaptive"),
            SuspectAfter = root.Number("suspectAfter", 0.5, 3600, 2),
            MinPeers = root.Int("minPeers", 1, Roster.MaxPeers, 1),
        };
        if (!IsRunName(settings.Run))
            throw root.Error("run", $"found \"{settings.Run}\"; allowed are {RunNames}");
        if ((long)settings.Accumulate * settings.LocalSteps > PiecesMax)
            throw root.Error("localSteps",
                $"found {settings.LocalSteps} with accumulate {settings.Accumulate}; allowed are at most {PiecesMax} "
                    + "mini-batches of a peer in a step");
        if (isShared && settings.GlobalBatch is null)
            throw root.Error("batch",
                "found \"auto\" without globalBatch; allowed with it only: the samples that are shared out");
        if (!isShared && settings.GlobalBatch is { } sum && root.Has("batch"))
            throw root.Error("globalBatch", $"found {sum} together with batch, which is {settings.Batch}; "
                + "allowed is one of the two: batch counts the samples of each peer, globalBatch those of all together");
        OptimizerRules.Check(settings.GivenOptions(root), (field, problem) => root.Error(field, problem));
        if (settings.Warmup > settings.Steps)
            throw root.Error("warmup", $"found {settings.Warmup}; allowed is at most steps, which is {settings.Steps}");
        if (settings.Theory && !settings.AllDecay)
            throw root.Error("theory", $"found true with weightDecayOf {settings.WeightDecayOf}; allowed with it is false: "
                + $"theory is about weights that all decay alike, as with weightDecayOf {AllParameters}");
        if (!float.IsNormal(settings.LearningRate))
            throw root.Error("learningRate", $"too small for a 32-bit number; allowed is {Text(1.2e-38)} and more");
        foreach (var (name, beta) in new[] { ("beta1", settings.Beta1), ("beta2", settings.Beta2) })
            if (beta >= 1)
                throw root.Error(name, "so near to 1 that it is 1 as a 32-bit number; allowed is less than 1");
        if ((double)settings.LearningRate * settings.WeightDecay >= 1)
            throw root.Error("weightDecay", $"found {Text(settings.WeightDecay)}; allowed is less than 1/learningRate = "
                + FormattableString.Invariant($"{1 / settings.LearningRate:G6}, or weights would change their sign"));
        return settings;
    }

    /// <summary>The method with the options that it knows.</summary>
    public MethodOptions Options => new()
    {
        Method = Method,
        Beta1 = OptimizerRules.Knows(Method, "beta1") ? Beta1 : null,
        Beta2 = OptimizerRules.Knows(Method, "beta2") ? Beta2 : null,
        Ties = OptimizerRules.Knows(Method, "ties") ? Ties : null,
        Kappa = Kappa,
        MomentumSync = MomentumSync,
        MomentumSyncBy = MomentumSync > 0 ? MomentumSyncBy : null,
        Keep = OptimizerRules.Knows(Method, "keep") ? Keep : null,
        KeepWarmup = OptimizerRules.Knows(Method, "keepWarmup") ? KeepWarmup : null,
        Delay = Delay,
        LocalSteps = LocalSteps,
    };

    /// <summary>True when all parameters have <see cref="WeightDecay"/>.</summary>
    public bool AllDecay => WeightDecayOf == AllParameters;

    /// <summary>The weight decay of a parameter, where it has one of its own; null: it has <see cref="WeightDecay"/>.</summary>
    /// <param name="dimensions">The number of its dimensions.</param>
    public double? OwnWeightDecay(int dimensions) => WeightDecayOf == Matrices && dimensions < 2 ? 0 : null;

    /// <summary>The learning rate of every step.</summary>
    public LearningRate Rate => DecentralizedLion.LearningRate.Cosine(LearningRate, Warmup, Steps, FinalLearningRate);

    /// <summary>The method with its options, and null for what the file does not have.</summary>
    MethodOptions GivenOptions(SettingsReader root) => Options with
    {
        Beta1 = root.Has("beta1") ? Beta1 : null,
        Beta2 = root.Has("beta2") ? Beta2 : null,
        Ties = root.Has("ties") ? Ties : null,
        MomentumSyncBy = root.Has("momentumSyncBy") ? MomentumSyncBy : null,
        Keep = root.Has("keep") ? Keep : null,
        KeepWarmup = root.Has("keepWarmup") ? KeepWarmup : null,
    };

    /// <summary>True when a run may have this name, which is also a folder's.</summary>
    public static bool IsRunName(string name) =>
        name.Length is > 0 and <= 64 && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '-') && name[0] != '.';

    /// <summary>The fields that must be equal on all hosts, defaults applied.</summary>
    public IEnumerable<FingerprintField> Fields()
    {
        yield return new("run", Run);
        yield return new("seed", Text(Seed));
        yield return new("steps", Text(Steps));
        yield return GlobalBatch is { } sum ? new("globalBatch", Text(sum)) : new("batch", Text(Batch));
        if (IsBatchShared)
            yield return new("batch", SharedBatch);
        yield return new("method", Method);
        yield return new("ties", Ties);
        yield return new("exchange", Exchange);
        yield return new("learningRate", Text(LearningRate));
        yield return new("weightDecay", Text(WeightDecay));
        if (!AllDecay) // so that checkpoints of earlier versions still fit
            yield return new("weightDecayOf", WeightDecayOf);
        yield return new("beta1", Text(Beta1));
        yield return new("beta2", Text(Beta2));
        yield return new("accumulate", Text(Accumulate));
        yield return new("localSteps", Text(LocalSteps));
        yield return new("gradientClip", Text(GradientClip));
        yield return new("delay", Text(Delay));
        yield return new("kappa", Kappa);
        yield return new("momentumSync", Text(MomentumSync));
        yield return new("momentumSyncBy", MomentumSyncBy);
        yield return new("keep", Text(Keep));
        yield return new("keepWarmup", Text(KeepWarmup));
        yield return new("warmup", Text(Warmup));
        yield return new("finalLearningRate", Text(FinalLearningRate));
        yield return new("checkpointEvery", Text(CheckpointEvery));
        yield return new("nonFiniteLimit", Text(NonFiniteLimit));
        yield return new("deadline", Deadline);
        yield return new("minPeers", Text(MinPeers));
    }

    /// <summary>The shortest text that reads back as the same number, in every locale.</summary>
    internal static string Text(IFormattable value) => value.ToString(null, CultureInfo.InvariantCulture);
}
