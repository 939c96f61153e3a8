using DecentralizedLion.Codecs.LionK;
using DecentralizedLion.Topology.Configuration;

namespace DecentralizedLion.Peer.Configuration;

/// <summary>Which methods there are, and which options go with which.</summary>
public static class OptimizerRules
{
    /// <summary>What <c>method</c> may be.</summary>
    public static readonly IReadOnlyList<string> Names = ["mavo", "avg", "g-lion", "g-adamw", "signsgd", "signum", "terngrad",
        "graddrop", "dgc"];

    static readonly string[] lions = ["mavo", "avg", "g-lion"], momenta = ["mavo", "avg", "signum"],
        voters = ["mavo", "avg", "signsgd", "signum"], signVotes = ["mavo", "signsgd", "signum"],
        twoBetas = ["mavo", "avg", "g-lion", "g-adamw"], blended = [.. twoBetas, "signum"], sparse = ["graddrop", "dgc"],
            undelayed = ["terngrad", "graddrop", "dgc"];

    /// <summary>Refuses an option that the method knows nothing of, so that nobody believes it to be in effect.</summary>
    /// <exception cref="SettingsException">Names the option, its value and the methods that it goes with.</exception>
    public static void Check(SettingsReader root, TrainingSettings settings)
    {
        Kappa kappa;
        try
        {
            kappa = Kappa.Parse(settings.Kappa);
        }
        catch (ArgumentException e)
        {
            throw root.Error("kappa", $"found \"{settings.Kappa}\"; {e.Message}");
        }
        Only("ties", settings.Ties, root.Has("ties"), signVotes);
        Only("beta1", $"{settings.Beta1}", root.Has("beta1"), blended);
        Only("beta2", $"{settings.Beta2}", root.Has("beta2"), twoBetas);
        Only("keep", $"{settings.Keep}", root.Has("keep"), sparse);
        Only("keepWarmup", $"{settings.KeepWarmup}", root.Has("keepWarmup"), ["dgc"]);
        if (root.Has("momentumSyncBy") && settings.MomentumSync == 0)
            throw root.Error("momentumSyncBy", $"found \"{settings.MomentumSyncBy}\" without momentumSync; allowed with it only");
        Only("kappa", settings.Kappa, kappa is not SignKappa, lions);
        if (!kappa.IsTernary && settings.Method != "g-lion")
            throw root.Error("kappa",
                $"found \"{settings.Kappa}\" with method {settings.Method}; allowed with it are those whose gradient is "
                    + "−1, 0 or +1: "
                + "sign, soft-threshold and top-k. The others go with g-lion");
        Only("momentumSync", $"{settings.MomentumSync}", settings.MomentumSync > 0, momenta);
        Only("localSteps", $"{settings.LocalSteps}", settings.LocalSteps > 1, voters);
        if (settings.Delay > 0 && undelayed.Contains(settings.Method))
            throw root.Error("delay",
                $"found {settings.Delay} with method {settings.Method}; allowed is 0: its ballots depend on the step before");

        void Only(string field, string value, bool isSet, string[] methods)
        {
            if (isSet && !methods.Contains(settings.Method))
                throw root.Error(field,
                    $"found {value} with method {settings.Method}; allowed with it are {string.Join(", ", methods)}");
        }
    }
}
