using DecentralizedLion.Peer.Configuration;

namespace DecentralizedLion;

/// <summary>A method of distributed training and its options, which must be equal on all peers. What is null takes the method's
/// own default; an option that the method does not know is refused. docs/optimizers.md has their meaning.</summary>
public sealed record MethodOptions
{
    /// <summary>The method: mavo, avg, g-lion, g-adamw, signsgd, signum, terngrad, graddrop or dgc.</summary>
    public string Method { get; init; } = "mavo";

    /// <summary>β1, 0 … 1; 0.9 unless given.</summary>
    public float? Beta1 { get; init; }

    /// <summary>β2, 0 … 1; 0.99 unless given, and 0.999 for g-adamw.</summary>
    public float? Beta2 { get; init; }

    /// <summary>The rule for a tie: previous (unless given), zero or hash.</summary>
    public string? Ties { get; init; }

    /// <summary>𝒦 of the Lion-𝒦 family; "sign" is Lion itself.</summary>
    public string Kappa { get; init; } = "sign";

    /// <summary>Steps after which all peers' momenta have been set to their mean; 0: never.</summary>
    public int MomentumSync { get; init; }

    /// <summary>"piece" (unless given): a part of the momentum in every step; "whole": all of it once in
    /// <see cref="MomentumSync"/> steps.</summary>
    public string? MomentumSyncBy { get; init; }

    /// <summary>The share of the entries that graddrop and dgc send, 0 … 1; 0.04 unless given.</summary>
    public double? Keep { get; init; }

    /// <summary>Steps in which dgc sends more than that; 0 unless given.</summary>
    public long? KeepWarmup { get; init; }

    /// <summary>0, 1 or 2: a step's gradient is computed before the updates of so many steps before it are known, so that the
    /// exchange hides behind it.</summary>
    public int Delay { get; init; }

    /// <summary>Steps that a peer makes on its own before each vote on what they moved; 1 for none.</summary>
    public int LocalSteps { get; init; } = 1;

    internal float Beta1Value => Beta1 ?? 0.9f;

    internal float Beta2Value => Beta2 ?? (Method == "g-adamw" ? 0.999f : 0.99f);

    internal string TiesValue => Ties ?? "previous";

    internal string MomentumSyncByValue => MomentumSyncBy ?? "piece";

    internal double KeepValue => Keep ?? 0.04;

    internal long KeepWarmupValue => KeepWarmup ?? 0;

    /// <exception cref="ArgumentException">An option is out of its range, or the method does not know it.</exception>
    internal void Validate()
    {
        if (!OptimizerRules.Names.Contains(Method))
            throw Error("method", $"found \"{Method}\"; allowed are {string.Join(", ", OptimizerRules.Names)}");
        Range("beta1", Beta1Value, 0, 1, Beta1Value < 1);
        Range("beta2", Beta2Value, 0, 1, Beta2Value < 1);
        OneOf("ties", TiesValue, TrainingSettings.TieRules);
        OneOf("momentumSyncBy", MomentumSyncByValue, TrainingSettings.MomentumSyncs);
        Range("momentumSync", MomentumSync, 0, 1_000_000);
        Range("keep", KeepValue, 0, 1, KeepValue > 0);
        Range("keepWarmup", KeepWarmupValue, 0, 1_000_000_000);
        Range("delay", Delay, 0, 2);
        Range("localSteps", LocalSteps, 1, 1_000_000);
        OptimizerRules.Check(this, Error);

        static void Range(string field, double value, double least, double most, bool allowed = true)
        {
            if (!(value >= least && value <= most) || !allowed)
                throw Error(field, FormattableString.Invariant($"found {value}; allowed is {least} to {most}"));
        }

        static void OneOf(string field, string value, IReadOnlyList<string> names)
        {
            if (!names.Contains(value))
                throw Error(field, $"found \"{value}\"; allowed are {string.Join(", ", names)}");
        }

        static ArgumentException Error(string field, string problem) => new($"{field}: {problem}");
    }
}
