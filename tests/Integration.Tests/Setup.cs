using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

// Most of a test is waiting, for time-outs and for rings that are paced (TestCluster). With many more at once, peers suspect each
// other for want of a core.
[assembly: CollectionBehavior(MaxParallelThreads = 4)]

namespace DecentralizedLion.Integration.Tests;

/// <summary>What the tests' processes inherit. One thread for the oracle's math libraries, as the peers have: how a sum is split
/// decides its last bit.</summary>
static partial class Setup
{
    // OpenBLAS reads the environment of the C library, which .NET's own variables do not reach, when it is loaded.
    [ModuleInitializer]
    internal static void OneThread()
    {
        foreach (var name in new[] { "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS" })
            if (SetEnvironment(name, "1", 1) != 0)
                throw new InvalidOperationException($"{name} cannot be set (errno {Marshal.GetLastPInvokeError()})");
    }

    // Most processes here live for seconds: their code is compiled again for speed only after a quiet second, and without a
    // profile, which is a third of their CPU time. The peers of a soak run as a user's do.
    [ModuleInitializer]
    internal static void CompileLittle()
    {
        if (Assembly.GetEntryAssembly() == typeof(Setup).Assembly)
            return;
        Environment.SetEnvironmentVariable("DOTNET_TieredPGO", "0");
        Environment.SetEnvironmentVariable("DOTNET_TC_CallCountingDelayMs", "1000");
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int SetEnvironment(string name, string value, int overwrite);
}
