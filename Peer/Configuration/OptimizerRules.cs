using DecentralizedLion.Codecs.LionK;
using DecentralizedLion.Models.Vectors;

namespace DecentralizedLion.Peer.Configuration;

/// <summary>The methods, and the options that go with each.</summary>
static class OptimizerRules
{
    /// <summary>The methods that <c>method</c> may name.</summary>
    public static readonly IReadOnlyList<string> Names = ["mavo", "avg", "g-lion", "g-adamw", "signsgd", "signum", "terngrad",
        "graddrop", "dgc"];

    static readonly string[] lions = ["mavo", "avg", "g-lion"], momenta = ["mavo", "avg", "signum"],
        voters = ["mavo", "avg", "signsgd", "signum"], signVotes = ["mavo", "signsgd", "signum"],
        twoBetas = ["mavo", "avg", "g-lion", "g-adamw"], blended = [.. twoBetas, "signum"], sparse = ["graddrop", "dgc"],
        undelayed = ["terngrad", "graddrop", "dgc"];

    static readonly Dictionary<string, string[]> methodsOf = new()
    {
        ["ties"] = signVotes,
        ["beta1"] = blended,
        ["beta2"] = twoBetas,
        ["keep"] = sparse,
        ["keepWarmup"] = ["dgc"],
        ["kappa"] = lions,
        ["momentumSync"] = momenta,
        ["localSteps"] = voters,
    };

    /// <summary>True when a method knows an option.</summary>
    public static bool Knows(string method, string option) => methodsOf[option].Contains(method);

    /// <summary>True when a method's arithmetic can be done on a device; else it is done in host memory.</summary>
    internal static bool CanUseDevice(MethodOptions options) =>
        voters.Contains(options.Method) && DeviceVector.Casts(Kappa.Parse(options.Kappa));

    /// <summary>The reason why a method cannot be with batches that differ; null: it can, or they do not differ.</summary>
    /// <param name="method">The method.</param>
    /// <param name="batches">The batch of each peer; empty: all have the same.</param>
    public static string? RefusalOfBatches(string method, IReadOnlyList<int> batches) =>
        batches.Distinct().Count() < 2 || !sparse.Contains(method) ? null
        : $"found batches of {string.Join(", ", batches)} with method {method}; allowed with it is one batch for all: what a "
            + "peer sends is left over from gradients of many steps, so no weight says how many samples are in it";

    /// <summary>The reason why a method cannot be with shares of the samples; null: it can.</summary>
    /// <param name="method">The method.</param>
    public static string? RefusalOfShares(string method) => !sparse.Contains(method) ? null
        : $"found \"auto\" with method {method}; allowed with it is a number: what a peer sends is left over from gradients of "
            + "many steps, so no weight says how many samples are in it";

    /// <summary>Refuses an option that the method knows nothing of, so that nobody believes it to be in effect.</summary>
    /// <param name="options">The method and its options; one that was not given is null, or what it is without.</param>
    /// <param name="error">Makes an exception of a field's name and what is wrong with it: the value, and what is
    /// allowed.</param>
    internal static void Check(MethodOptions options, Func<string, string, Exception> error)
    {
        Kappa kappa;
        try
        {
            kappa = Kappa.Parse(options.Kappa);
        }
        catch (KappaException e)
        {
            throw error("kappa", $"found \"{options.Kappa}\"; {e.Allowed}");
        }
        Only("ties", options.Ties, options.Ties is not null);
        Only("beta1", $"{options.Beta1}", options.Beta1 is not null);
        Only("beta2", $"{options.Beta2}", options.Beta2 is not null);
        Only("keep", $"{options.Keep}", options.Keep is not null);
        Only("keepWarmup", $"{options.KeepWarmup}", options.KeepWarmup is not null);
        if (options.MomentumSyncBy is { } by && options.MomentumSync == 0)
            throw error("momentumSyncBy", $"found \"{by}\"; needs momentumSync");
        Only("kappa", options.Kappa, kappa is not SignKappa);
        if (!kappa.IsTernary && options.Method != "g-lion")
            throw error("kappa",
                $"found \"{options.Kappa}\" with method {options.Method}; allowed with it are those whose gradient is "
                    + "−1, 0 or +1: sign, soft-threshold and top-k. The others go with g-lion");
        Only("momentumSync", $"{options.MomentumSync}", options.MomentumSync > 0);
        Only("localSteps", $"{options.LocalSteps}", options.LocalSteps > 1);
        if (options.Delay > 0 && undelayed.Contains(options.Method))
            throw error("delay",
                $"found {options.Delay} with method {options.Method}; allowed is 0: its ballots depend on the step before");

        void Only(string field, string? value, bool isSet)
        {
            if (isSet && !Knows(options.Method, field))
                throw error(field,
                    $"found {value} with method {options.Method}; allowed with it are {string.Join(", ", methodsOf[field])}");
        }
    }
}
