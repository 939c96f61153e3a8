using System.Text;
using DecentralizedLion.Models.Datasets;
using DecentralizedLion.Peer.Cli.Display;

namespace DecentralizedLion.Peer.Cli.Tokenize;

/// <summary>Texts to tokens, in a training and a test part.</summary>
/// <param name="options">What is asked for.</param>
/// <param name="output">Takes the result.</param>
/// <param name="error">Takes all else where the result is JSON.</param>
/// <param name="progress">Is told how far it is.</param>
sealed class Tokenization(TokenizeOptions options, TextWriter output, TextWriter error, ProgressLine progress)
{
    const int PieceLength = 1 << 16;

    readonly Gpt2Tokenizer tokenizer = new();

    /// <summary>Writes both files, or neither.</summary>
    /// <returns>False when it was stopped.</returns>
    /// <exception cref="UsageException">Files are there already.</exception>
    /// <exception cref="DataException">A text cannot be read, or is too short.</exception>
    public bool Run(CancellationToken stop)
    {
        string trainFile = Path.Combine(options.Out, "train.bin"), testFile = Path.Combine(options.Out, "val.bin");
        if (File.Exists(options.Out))
            throw new UsageException($"OUT: {options.Out} is a file; allowed is a folder, which gets train.bin and val.bin");
        OutputFile.Check("OUT", trainFile, options.Force);
        OutputFile.Check("OUT", testFile, options.Force);
        var length = options.Files.Sum(LengthOf);
        if (length == 0)
            throw new UsageException($"FILE: {string.Join(", ", options.Files)}: empty, or no regular file; allowed are texts in "
                + "UTF-8");
        var toTrainOn = length - (long)(length * options.Validation);
        using var train = new TokenWriter(trainFile);
        using var test = new TokenWriter(testFile);
        long done = 0;
        foreach (var (at, file) in options.Files.Index())
        {
            if (at > 0)
                (done < toTrainOn ? train : test).Write([Gpt2Tokenizer.EndOfText]);
            if (LengthOf(file) == 0)
                continue; // a pipe, too, which would keep the reader waiting
            using var pieces = new TextPieces(file);
            while (pieces.Next(Wanted(toTrainOn - done)) is { Length: > 0 } piece)
            {
                if (stop.IsCancellationRequested)
                {
                    progress.Around(() => (options.Json ? error : output).WriteLine("stopped; nothing was written"));
                    return false;
                }
                (done < toTrainOn ? train : test).Write(tokenizer.Encode(piece));
                done += Encoding.UTF8.GetByteCount(piece);
                progress.Report((double)done / length,
                    $"{Format.Bytes(done)} of {Format.Bytes(length)}, {train.Count + test.Count} tokens");
            }
        }
        if (train.Count == 0 || test.Count == 0)
            throw new DataException($"{string.Join(", ", options.Files)}: {length} bytes make {train.Count} tokens to train on "
                + $"and {test.Count} to test on; expected some of both");
        train.Commit();
        test.Commit();
        progress.Dispose();
        var report = new TokenizationReport([new(trainFile, train.Count), new(testFile, test.Count)]);
        if (options.Json)
            JsonReport.Write(report, output);
        else
            report.Write(output);
        return true;
    }

    /// <summary>Less and less before the place where the test part begins, so that it begins where it should.</summary>
    static int Wanted(long left) => left <= 0 ? PieceLength : (int)Math.Clamp(left / 4, 1, PieceLength);

    static long LengthOf(string file)
    {
        if (Directory.Exists(file))
            throw new UsageException($"FILE: \"{file}\" is a folder; allowed is a text in UTF-8");
        return File.Exists(file) ? new FileInfo(file).Length : throw new UsageException($"FILE: \"{file}\" does not exist");
    }
}
