using System.Text;
using DecentralizedLion.Models.Datasets;
using DecentralizedLion.Peer.Cli.Display;
using DecentralizedLion.Peer.Cli.Tokenize;

namespace DecentralizedLion.Peer.Cli.Generate;

/// <summary>Lets a trained network write, token by token.</summary>
static class TextGenerator
{
    public static void Write(GenerateOptions options, Stream output)
    {
        using var trained = TrainedModel.Load(options);
        var tokens = TokensOf(options.PeersFile, trained.Run.Data);
        var random = new Random(options.Seed);
        var text = tokens.Encode(options.Prompt).Select(token => (long)token).ToList();
        if (text.Count == 0)
            throw new UsageException("--prompt: found nothing; allowed is a text, not empty");
        Write(Encoding.UTF8.GetBytes(options.Prompt));
        for (var i = 0; i < options.Tokens; i++)
        {
            long[] seen = [.. text.TakeLast(trained.Run.Data.Context)];
            var logits = trained.Model.Predict(new Batch { InputShape = [1, seen.Length], Tokens = seen, Targets = [] });
            var last = logits.AsSpan(^trained.Data.Classes..)[..tokens.Count];
            var next = Sampling.Draw(last, options.Temperature, random.NextDouble());
            text.Add(next);
            Write(tokens.Decode(next));
        }
        Write([(byte)'\n']);

        void Write(byte[] bytes)
        {
            try
            {
                output.Write(bytes);
                output.Flush();
            }
            catch (IOException e)
            {
                throw StandardOutput.Fault(e);
            }
        }
    }

    static ITokenText TokensOf(string file, DataSettings data) => (data.Kind, data.Vocabulary) switch
    {
        ("text", _) => new ByteText(),
        ("tokens", Gpt2Tokenizer.Vocabulary or Gpt2Tokenizer.PaddedVocabulary) => new Gpt2Text(),
        ("tokens", var vocabulary) => throw new UsageException(
            $"{file}: data.vocabulary is {vocabulary}; allowed for generate is {Gpt2Tokenizer.Vocabulary}, which is GPT-2's, or "
            + $"{Gpt2Tokenizer.PaddedVocabulary}, the same padded"),
        _ => throw new UsageException($"{file}: data.kind is \"{data.Kind}\"; allowed for generate is text or tokens"),
    };
}
