
namespace DecentralizedLion.Peer.Cli.Init;

/// <summary>The commands that a person gives after <c>peer init</c>.</summary>
static class NextSteps
{
    /// <param name="options">What was asked for.</param>
    /// <param name="peers">The peers of the file that was made.</param>
    /// <param name="needsData">True when the file does not say where the data lie.</param>
    /// <param name="output">Takes the commands.</param>
    public static void Write(InitOptions options, IReadOnlyList<HostEntry> peers, bool needsData, TextWriter output)
    {
        var path = needsData ? " --data PATH" : "";
        output.WriteLine($"{options.Out}: {peers.Count} peers");
        foreach (var peer in peers)
            output.WriteLine($"  {peer.Id}: {peer.Address} port {peer.Port}"
                + (options.Keys is null ? "" : $", secret key {InitKeys.FileOf(options.Keys, peer.Id)}"));
        if (options.Insecure)
        {
            output.WriteLine("Links are neither encrypted nor authenticated: for one computer only.");
            output.WriteLine("Next:");
            output.WriteLine($"  peer demo --peers {options.Out}{path}");
            return;
        }
        output.WriteLine(options.Keys is null
            ? "Make a key on each host, put the line that each command prints into the file, and copy the file to all hosts:"
            : "Copy the file to all hosts, and each secret key to its own host only: beside the file or where --key says, "
                + "readable by its owner alone. Then delete the key here:");
        foreach (var peer in peers)
            output.WriteLine(options.Keys is null ? $"  {peer.Address}$ peer keygen {peer.Id} --peers {options.Out}"
                : $"  scp -p {options.Out} {InitKeys.FileOf(options.Keys, peer.Id)} {peer.Address}:");
        var file = options.Keys is null ? options.Out : Path.GetFileName(options.Out);
        output.WriteLine("Then on each host with its own ID, within a minute, and once all is well there:");
        output.WriteLine($"  peer doctor --peers {file} --id ID{path} --wait 60");
        output.WriteLine($"  peer run --peers {file} --id ID{path}");
    }
}
