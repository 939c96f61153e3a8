namespace DecentralizedLion.Integration.Tests.Optimizers;

/// <summary>The methods, and those options that change what a step carries or when it is applied, by a name each.</summary>
static class MethodCases
{
    static readonly Dictionary<string, string> settings = new()
    {
        ["mavo"] = "",
        ["avg"] = "",
        ["g-lion"] = "",
        ["g-adamw"] = "",
        ["signsgd"] = "",
        ["signum"] = "",
        ["terngrad"] = """, "learningRate": 0.1""",
        ["graddrop"] = """, "learningRate": 0.1""",
        ["dgc"] = """, "learningRate": 0.1, "keepWarmup": 12""",
        ["mavo, momenta by pieces"] = """, "momentumSync": 5""",
        ["mavo, momenta as a whole"] = """, "momentumSync": 5, "momentumSyncBy": "whole" """,
        ["mavo, matrices decay"] = """, "weightDecayOf": "matrices", "weightDecay": 20""",
        ["mavo, delay 1"] = """, "delay": 1""",
        ["mavo, delay 2"] = """, "delay": 2""",
        ["mavo, local steps"] = """, "localSteps": 4""",
        ["g-lion, tanh"] = """, "kappa": "tanh(0.01)" """,
        ["mavo, soft threshold"] = """, "kappa": "soft-threshold(0.001)" """,
    };

    public static TheoryData<string> Names => new(settings.Keys.Except(["mavo, momenta as a whole", "mavo, delay 1"]));

    /// <summary>The fields of peers.json that make a case, to be put among others.</summary>
    public static string Fields(string name) => $"\"method\": \"{name.Split(',')[0]}\"{settings[name]}";
}
