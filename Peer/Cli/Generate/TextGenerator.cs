using System.Text;
using DecentralizedLion.Models.Datasets;
using DecentralizedLion.Models.Networks;

namespace DecentralizedLion.Peer.Cli.Generate;

/// <summary>Lets a trained gpt write, byte by byte.</summary>
public static class TextGenerator
{
    public static void Write(GenerateOptions options, Stream output)
    {
        using var trained = TrainedModel.Load(options);
        if (trained.Run.Data.Kind != "text" || trained.Run.Model is not GptSettings gpt)
            throw new UsageException(
                $"{options.PeersFile}: data.kind is \"{trained.Run.Data.Kind}\"; "
                + "allowed for generate is text, whose tokens are bytes");
        var random = new Random(options.Seed);
        var text = Encoding.UTF8.GetBytes(options.Prompt).Select(b => (long)b).ToList();
        if (text.Count == 0)
            throw new UsageException("--prompt: found nothing; allowed is a text, not empty");
        output.Write([.. text.Select(t => (byte)t)]);
        for (var i = 0; i < options.Tokens; i++)
        {
            long[] seen = [.. text.TakeLast(gpt.Context)];
            var logits = trained.Model.Predict(new Batch { InputShape = [1, seen.Length], Tokens = seen, Targets = [] });
            var next = Sampling.Draw(logits.AsSpan(^trained.Data.Classes..), options.Temperature, random.NextDouble());
            text.Add(next);
            output.WriteByte((byte)next);
            output.Flush();
        }
        output.WriteByte((byte)'\n');
    }
}
