namespace DecentralizedLion.Integration.Tests.Soak;

/// <summary>The time that a ring was doing one thing, all kills together.</summary>
/// <param name="Name">The thing in a word or two.</param>
/// <param name="Meaning">The same as a sentence.</param>
/// <param name="Seconds">How long.</param>
/// <param name="Steps">The steps committed meanwhile.</param>
sealed record GoodputPhase(string Name, string Meaning, double Seconds, long Steps)
{
    /// <summary>The part of the time that its steps do not take undisturbed.</summary>
    public double Lost(double calmRate) => Seconds - Steps / calmRate;
}
