using System.Globalization;
using System.Reflection;
using Microsoft.FSharp.Core;

namespace FsCheck.Xunit;

/// <summary>What an attribute was told; null: nothing, so that the next wider one decides.</summary>
sealed class PropertySettings
{
    public string Replay { get; set; }

    public int? Parallelism { get; set; }

    public int? MaxTest { get; set; }

    public int? MaxRejected { get; set; }

    public int? StartSize { get; set; }

    public int? EndSize { get; set; }

    public bool? Verbose { get; set; }

    public Type[] Arbitrary { get; set; } = [];

    public bool? QuietOnSuccess { get; set; }

    /// <summary>The method's own settings, filled from its classes, the innermost first, and then from its assembly.</summary>
    public static PropertySettings Of(MethodInfo method, Type testClass)
    {
        var merged = new PropertySettings();
        merged.Fill(method.GetCustomAttribute<PropertyAttribute>());
        for (Type type = testClass; type != null; type = type.DeclaringType)
            merged.Fill(type.GetCustomAttribute<PropertiesAttribute>());
        merged.Fill(testClass.Assembly.GetCustomAttribute<PropertiesAttribute>());
        return merged;
    }

    public Config ToConfig(IRunner runner)
    {
        Config config = Config.Default.WithRunner(runner).WithQuietOnSuccess(QuietOnSuccess ?? false);
        if (MaxTest is int maxTest)
            config = config.WithMaxTest(maxTest);
        if (MaxRejected is int maxRejected)
            config = config.WithMaxRejected(maxRejected);
        if (StartSize is int startSize)
            config = config.WithStartSize(startSize);
        if (EndSize is int endSize)
            config = config.WithEndSize(endSize);
        if (Parallelism is int parallelism and > 0)
            config = config.WithParallelRunConfig(FSharpOption<ParallelRunConfig>.Some(new ParallelRunConfig(parallelism)));
        if (Replay != null)
            config = config.WithReplay(FSharpOption<Replay>.Some(ParseReplay(Replay)));
        return Arbitrary.Length == 0 ? config : config.WithArbitrary(Arbitrary);
    }

    void Fill(PropertyAttribute attribute)
    {
        if (attribute == null)
            return;
        PropertySettings wider = attribute.Settings;
        Replay ??= wider.Replay;
        Parallelism ??= wider.Parallelism;
        MaxTest ??= wider.MaxTest;
        MaxRejected ??= wider.MaxRejected;
        StartSize ??= wider.StartSize;
        EndSize ??= wider.EndSize;
        Verbose ??= wider.Verbose;
        QuietOnSuccess ??= wider.QuietOnSuccess;
        Arbitrary = [.. Arbitrary, .. wider.Arbitrary ?? []];
    }

    static Replay ParseReplay(string text)
    {
        string[] parts = text.Trim().TrimStart('(').TrimEnd(')').Split(',', StringSplitOptions.TrimEntries);
        if (parts.Length is not (2 or 3)
            || !ulong.TryParse(parts[0], CultureInfo.InvariantCulture, out ulong seed)
            || !ulong.TryParse(parts[1], CultureInfo.InvariantCulture, out ulong gamma))
            throw new ArgumentException(
                $"Replay is '{text}'; allowed is (seed,gamma) or (seed,gamma,size), each a whole number.");
        if (parts.Length == 2)
            return new Replay(new Rnd(seed, gamma), FSharpOption<int>.None);
        if (!int.TryParse(parts[2], CultureInfo.InvariantCulture, out int size))
            throw new ArgumentException(
                $"Replay is '{text}'; its size is not a whole number.");
        return new Replay(new Rnd(seed, gamma), FSharpOption<int>.Some(size));
    }
}
