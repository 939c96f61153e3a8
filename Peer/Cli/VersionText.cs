using System.CommandLine;
using System.CommandLine.Invocation;
using System.Reflection;

namespace DecentralizedLion.Peer.Cli;

/// <summary>The answer to <c>--version</c>: the program's version, and the commit that it was built from where there was
/// one.</summary>
sealed class VersionText : SynchronousCommandLineAction
{
    public override int Invoke(ParseResult parseResult)
    {
        var version = typeof(VersionText).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!;
        parseResult.InvocationConfiguration.Output.WriteLine(Of(version.InformationalVersion));
        return 0;
    }

    /// <summary>The text for a version as the SDK writes it, with the commit behind a plus sign.</summary>
    internal static string Of(string informational) => informational.Split('+', 2) is [var version, var commit]
        ? $"peer {version}, commit {commit}" : $"peer {informational}";
}
