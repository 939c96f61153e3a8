using DecentralizedLion.Peer.Configuration;
using DecentralizedLion.Topology.Configuration;
using DecentralizedLion.Topology.Security;

namespace DecentralizedLion.Peer.Cli.Init;

/// <summary>Writes a <c>peers.json</c> for given hosts.</summary>
/// <param name="input">Opens standard input.</param>
/// <param name="isInputRedirected">True when standard input is a file or a pipe.</param>
/// <param name="output">Takes what to do next.</param>
sealed class InitCommandHandler(Func<TextReader> input, Func<bool> isInputRedirected, TextWriter output)
    : ICommandHandler<InitOptions>
{
    public Task<int> RunAsync(InitOptions options, CancellationToken stop)
    {
        OutputFile.Check("--out", options.Out, options.Force);
        string[] texts = [.. Texts(options)];
        var count = HostList.Read(texts, options.Port, 1).Count;
        if (count is < 2 or > Roster.MaxPeers)
            throw new UsageException($"HOST: found {count} hosts; needed are 2 to {Roster.MaxPeers}, as arguments or with - on "
                + "standard input");
        var peers = HostList.Read(texts, options.Port, options.Insecure ? count - 1 : 1);
        var fields = options.Settings is null ? InitialFields.Of(options) : PeersFile.FieldsOf(options.Settings);
        Check(options, fields, peers);
        IReadOnlyList<string>? keys = options.Insecure ? null
            : options.Keys is null ? [.. peers.Select(peer => $"(what 'peer keygen {peer.Id}' prints)")]
            : InitKeys.Make(options.Keys, [.. peers.Select(peer => peer.Id)]);
        OutputFile.Write(options.Out, file => File.WriteAllText(file, PeersFile.Write(fields, peers, keys)));
        NextSteps.Write(options, peers, NeedsData(fields), output);
        return Task.FromResult(ExitCode.Done);
    }

    IEnumerable<string> Texts(InitOptions options)
    {
        string[] hosts = options.Hosts.Count == 0 && isInputRedirected() ? ["-"] : [.. options.Hosts];
        return hosts.Select(host => host == "-" ? input().ReadToEnd() : host);
    }

    /// <summary>Reads what is to be written as <c>peer run</c> will, with keys in their places, before a file is made.</summary>
    static void Check(InitOptions options, IReadOnlyList<(string Name, string Json)> fields, IReadOnlyList<HostEntry> peers)
    {
        var keys = options.Insecure ? null : peers.Select(_ =>
        {
            using var key = PeerKeyPair.Create();
            return key.Public.ToString();
        }).ToArray();
        // Where the data lies may be each host's own matter.
        _ = RunConfig.Read(SettingsReader.Parse(PeersFile.Write(fields, peers, keys), options.Out), options.Out, data: ".");
    }

    static bool NeedsData(IReadOnlyList<(string Name, string Json)> fields)
    {
        var data = SettingsReader.Parse(fields.First(field => field.Name == "data").Json, "data");
        return !data.Has("path") && data.Text("kind") != "glyphs";
    }
}
