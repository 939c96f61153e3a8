using System.CommandLine;
using DecentralizedLion.Peer.Cli.Options;

namespace DecentralizedLion.Peer.Cli.Generate;

/// <summary><c>peer generate</c>: text from trained weights.</summary>
static class GenerateCommand
{
    public static Command Create(CommonOptions common, ICommandHandler<GenerateOptions> handler)
    {
        var usual = new GenerateOptions { PeersFile = "" };
        var prompt = OptionFactory.Text("--prompt", "What the text begins with (default: a line break)", "TEXT");
        var tokens = OptionFactory.Whole("--tokens", "Tokens to write", 1, 1_000_000, usual.Tokens);
        var temperature = OptionFactory.Number(
            "--temperature", "0: always the most likely token; 1: the model's own probabilities", 0, 10, usual.Temperature);
        var seed = OptionFactory.Whole("--seed", "Seed of the random choice of tokens", 0, int.MaxValue, usual.Seed);
        var command = new Command("generate",
            """
            Writes text with a trained network (data of kind text, or tokens with GPT-2's vocabulary).

            Example:
              peer generate --peers examples/shakespeare.json --data FILE --prompt "ROMEO:" --tokens 300
            """)
        {
            common.Peers, common.Checkpoint, common.Data, common.Device, common.Threads, prompt, tokens, temperature, seed,
        };
        command.SetAction((parsed, stop) => handler.RunAsync(new GenerateOptions
        {
            PeersFile = parsed.GetRequiredValue(common.Peers),
            Checkpoint = parsed.GetValue(common.Checkpoint),
            Data = parsed.GetValue(common.Data),
            Device = parsed.GetRequiredValue(common.Device),
            Threads = parsed.GetValue(common.Threads),
            Prompt = parsed.GetValue(prompt) ?? usual.Prompt,
            Tokens = parsed.GetValue(tokens),
            Temperature = parsed.GetValue(temperature),
            Seed = parsed.GetValue(seed),
        }, stop));
        return command;
    }
}
