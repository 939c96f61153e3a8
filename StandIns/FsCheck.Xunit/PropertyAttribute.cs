using Xunit;
using Xunit.Sdk;

namespace FsCheck.Xunit;

/// <summary>
/// Runs the method as a property of FsCheck: many times, with arguments made at random and shrunk when it fails.
/// </summary>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = false)]
[XunitTestCaseDiscoverer("FsCheck.Xunit.PropertyDiscoverer", "StandIn.FsCheck.Xunit")]
public class PropertyAttribute : FactAttribute
{
    internal PropertySettings Settings { get; } = new();

    /// <summary>Repeats a run: "(seed,gamma)" or "(seed,gamma,size)", as a failure prints it.</summary>
    public string Replay { get => Settings.Replay; set => Settings.Replay = value; }

    /// <summary>How many tests may run at once; 0: one after the other.</summary>
    public int Parallelism { get => Settings.Parallelism ?? 0; set => Settings.Parallelism = value; }

    public int MaxTest { get => Settings.MaxTest ?? Config.Default.MaxTest; set => Settings.MaxTest = value; }

    public int MaxRejected { get => Settings.MaxRejected ?? Config.Default.MaxRejected; set => Settings.MaxRejected = value; }

    public int StartSize { get => Settings.StartSize ?? Config.Default.StartSize; set => Settings.StartSize = value; }

    public int EndSize { get => Settings.EndSize ?? Config.Default.EndSize; set => Settings.EndSize = value; }

    /// <summary>Prints the arguments of every test.</summary>
    public bool Verbose { get => Settings.Verbose ?? false; set => Settings.Verbose = value; }

    /// <summary>Classes whose static members give the Arbitrary of a type; the first that has one wins.</summary>
    public Type[] Arbitrary { get => Settings.Arbitrary; set => Settings.Arbitrary = value; }

    public bool QuietOnSuccess { get => Settings.QuietOnSuccess ?? false; set => Settings.QuietOnSuccess = value; }
}
