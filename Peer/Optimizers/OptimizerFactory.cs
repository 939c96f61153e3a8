using DecentralizedLion.Codecs.LionK;
using DecentralizedLion.Codecs.Reductions;
using DecentralizedLion.Models;
using DecentralizedLion.Models.Vectors;
using DecentralizedLion.Peer.Configuration;

namespace DecentralizedLion.Peer.Optimizers;

/// <summary>The methods by their names in peers.json.</summary>
static class OptimizerFactory
{
    /// <summary>The method of a run at one peer, with its state before the first step.</summary>
    /// <param name="options">The method and its options.</param>
    /// <param name="tensors">The model's tensors.</param>
    /// <param name="self">The peer's roster index.</param>
    /// <param name="seed">The run's seed, from which random ballots are drawn.</param>
    /// <param name="buffers">The network's buffers, which are synchronized; null: none are.</param>
    /// <param name="last">The run's last step.</param>
    /// <param name="place">Where its vectors lie; null: in host memory.</param>
    public static DistributedMethod Create(MethodOptions options, IReadOnlyList<ParameterSlice> tensors, int self, ulong seed,
        NetworkBuffers? buffers = null, long last = long.MaxValue, VectorPlace? place = null)
    {
        var d = tensors[^1].Offset + tensors[^1].Length;
        var ties = TiesOf(options.TiesValue);
        DistributedMethod optimizer = options.Method switch
        {
            "mavo" => new MajorityVoteLion(NewLion(), d, ties),
            "avg" => new AveragedLion(NewLion(), d),
            "g-lion" => new GlobalLion(NewLion(), d),
            "g-adamw" => new GlobalAdamW(d, options.Beta1Value, options.Beta2Value),
            "signsgd" => new SignSgd(d, ties),
            "signum" => new Signum(NewVector(), options.Beta1Value, ties),
            "terngrad" => new TernGrad(d, tensors, seed, self),
            "graddrop" => new GradientDropping(d, self, options.KeepValue),
            "dgc" => new DeepGradientCompression(d, self, options.KeepValue, options.KeepWarmupValue),
            var other =>
                throw new ArgumentException($"method \"{other}\"; allowed are {string.Join(", ", OptimizerRules.Names)}",
                    nameof(options)),
        };
        if (options.MomentumSync > 0)
            optimizer = new MomentumSync(optimizer, options.MomentumSync, options.MomentumSyncByValue == "piece");
        return buffers is { Count: > 0 } ? new BufferSync(optimizer, buffers, last) : optimizer;

        Lion NewLion() => new(NewVector(), options.Beta1Value, options.Beta2Value, Kappa.Parse(options.Kappa));

        FlatVector NewVector() => (place ?? VectorPlace.Host).NewVector(d);
    }

    static TieRule TiesOf(string name) => name switch
    {
        "previous" => TieRule.Previous,
        "zero" => TieRule.Zero,
        _ => TieRule.Hash,
    };
}
