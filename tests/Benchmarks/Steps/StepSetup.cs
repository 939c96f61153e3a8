using DecentralizedLion.Benchmarks.Model;

namespace DecentralizedLion.Benchmarks.Steps;

/// <summary>How a contender of this program makes its steps.</summary>
/// <param name="Name">Its name in the table.</param>
/// <param name="Delay">Steps by which the exchange is behind the gradients.</param>
/// <param name="LocalSteps">Gradients for each vote.</param>
/// <param name="IsAlone">True: the gradient alone, without a ring.</param>
sealed record StepSetup(string Name, int Delay = 0, int LocalSteps = 1, bool IsAlone = false)
{
    public static IReadOnlyList<StepSetup> All { get; } =
    [
        new("mavo"), new("mavo, delay 1", Delay: 1), new("mavo, localSteps 4", LocalSteps: 4),
        new("mavo, delay 1, localSteps 4", Delay: 1, LocalSteps: 4), new("gradient alone", IsAlone: true),
    ];

    /// <summary>The network of a name.</summary>
    public static ModelCase Network(string name) => name switch
    {
        "vit" => ModelCase.Vit,
        "gpt" => ModelCase.Gpt,
        _ => throw new ArgumentException($"--networks: found \"{name}\"; allowed are vit and gpt, separated by commas"),
    };
}
