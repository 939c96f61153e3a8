using System.CommandLine;
using DecentralizedLion.Peer.Cli.Options;

namespace DecentralizedLion.Peer.Cli.Tokenize;

/// <summary><c>peer tokenize</c>: tokens of texts, to train on.</summary>
static class TokenizeCommand
{
    public static Command Create(CommonOptions common, ICommandHandler<TokenizeOptions> handler)
    {
        var paths = new Argument<string[]>("FILE... OUT")
        {
            Description = "The texts, in UTF-8, and the folder that gets train.bin and val.bin",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var tokenizer = OptionFactory.Word("--tokenizer", "Which tokens: gpt2, a vocabulary of 50257",
            [TokenizeOptions.Gpt2], TokenizeOptions.Gpt2, word => word);
        var validation = OptionFactory.Number("--validation", "The share of the texts, at their end, that is for testing",
            0.0001, 0.9, 0.1);
        var command = new Command("tokenize",
            """
            Turns text files into tokens to train on. It writes OUT/train.bin and OUT/val.bin in the format of nanoGPT (16 bits a
            token), for "data": { "kind": "tokens", "path": OUT }. The token <|endoftext|> separates two files; where a text
            contains <|endoftext|>, that becomes the same token.

            Examples:
              peer tokenize input.txt data/shakespeare
              peer tokenize --tokenizer gpt2 --validation 0.01 books/*.txt data/books
            """) { paths, tokenizer, validation, common.Force, common.Json };
        command.AddCheck(result =>
        {
            if ((result.GetValue(paths) ?? []).Length < 2)
                result.AddError("FILE... OUT: found fewer than two paths; needed are texts and then the folder for tokens");
        });
        command.SetAction((parsed, stop) => handler.RunAsync(new TokenizeOptions
        {
            Tokenizer = parsed.GetRequiredValue(tokenizer),
            Files = parsed.GetRequiredValue(paths)[..^1],
            Out = parsed.GetRequiredValue(paths)[^1],
            Validation = parsed.GetValue(validation),
            Force = parsed.GetValue(common.Force),
            Json = parsed.GetValue(common.Json),
        }, stop));
        return command;
    }
}
