using System.CommandLine;
using DecentralizedLion.Peer.Cli.Options;
using DecentralizedLion.Topology.Configuration;

namespace DecentralizedLion.Peer.Cli.Keygen;

/// <summary><c>peer keygen</c>: a peer's key.</summary>
static class KeygenCommand
{
    public static Command Create(CommonOptions common, ICommandHandler<KeygenOptions> handler)
    {
        var ids = new Argument<string[]>("ID")
        {
            Description = "Whose keys: ids of the roster (default: this host's name)",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var key = OptionFactory.Text("--key", "The file to make, for one id (default: ID.key beside peers.json)", "FILE");
        var replace = OptionFactory.Flag("--replace", "Put a new key in the place of one that is there; the old one is lost");
        var command = new Command("keygen",
            """
            Makes a peer's secret key. It lies in a file that nobody else can read; the public half is printed and goes into the
            peer's entry of peers.json, the same on all hosts. A peer cannot join unless its key is in peers.json.

            Examples:
              peer keygen east                               on the host of east: makes east.key
              peer keygen a b c d                            a ring on this computer
              peer keygen east --replace                     a new key; see docs/security.md
            """) { ids, common.Peers, key, replace, common.Json };
        command.AddCheck(result =>
        {
            var said = result.GetValue(ids) ?? [];
            foreach (var id in said.Where(id => !Roster.IsId(id)))
                result.AddError($"ID: found \"{id}\"; allowed are {Roster.AllowedIds}");
            if (said.Length > 1 && result.GetValue(key) is { } file)
                result.AddError($"--key: found \"{file}\" for {said.Length} ids; allowed is one id: a key is one peer's");
        });
        command.SetAction((parsed, stop) => handler.RunAsync(new KeygenOptions
        {
            PeersFile = parsed.GetRequiredValue(common.Peers),
            Ids = parsed.GetValue(ids) ?? [],
            Key = parsed.GetValue(key),
            Replace = parsed.GetValue(replace),
            Json = parsed.GetValue(common.Json),
        }, stop));
        return command;
    }
}
