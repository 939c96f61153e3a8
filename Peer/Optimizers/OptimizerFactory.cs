using DecentralizedLion.Codecs.LionK;
using DecentralizedLion.Codecs.Reductions;
using DecentralizedLion.Models;
using DecentralizedLion.Peer.Configuration;

namespace DecentralizedLion.Peer.Optimizers;

/// <summary>The methods by their names in peers.json.</summary>
public static class OptimizerFactory
{
    /// <summary>The method of a run at one peer, with its state before the first step.</summary>
    /// <param name="settings">The run's settings.</param>
    /// <param name="tensors">The model's tensors.</param>
    /// <param name="self">The peer's roster index.</param>
    public static DistributedOptimizer Create(TrainingSettings settings, IReadOnlyList<ParameterSlice> tensors, int self)
    {
        var d = tensors[^1].Offset + tensors[^1].Length;
        var ties = TiesOf(settings.Ties);
        DistributedOptimizer optimizer = settings.Method switch
        {
            "mavo" => new MajorityVoteLion(NewLion(), d, ties),
            "avg" => new AveragedLion(NewLion(), d),
            "g-lion" => new GlobalLion(NewLion(), d),
            "g-adamw" => new GlobalAdamW(d, settings.Beta1, settings.Beta2),
            "signsgd" => new SignSgd(d, ties),
            "signum" => new Signum(d, settings.Beta1, ties),
            "terngrad" => new TernGrad(d, tensors, settings.Seed, self),
            "graddrop" => new GradientDropping(d, self, settings.Keep),
            "dgc" => new DeepGradientCompression(d, self, settings.Keep, settings.KeepWarmup),
            var other =>
                throw new ArgumentException($"method \"{other}\"; allowed are {string.Join(", ", OptimizerRules.Names)}",
                    nameof(settings)),
        };
        return settings.MomentumSync > 0
            ? new MomentumSync(optimizer, settings.MomentumSync, settings.MomentumSyncBy == "piece") : optimizer;

        Lion NewLion() => new(d, settings.Beta1, settings.Beta2, Kappa.Parse(settings.Kappa));
    }

    static TieRule TiesOf(string name) => name switch
    {
        "previous" => TieRule.Previous,
        "zero" => TieRule.Zero,
        _ => TieRule.Hash,
    };
}
