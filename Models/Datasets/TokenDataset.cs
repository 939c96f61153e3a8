namespace DecentralizedLion.Models.Datasets;

/// <summary>
/// Text to continue: a file as bytes (vocabulary 256), or tokens as nanoGPT's prepare.py writes them (uint16,
/// little-endian). Files are memory-mapped.
/// </summary>
sealed class TokenDataset : IDataset
{
    const int MaxContext = 1 << 20;
    const int MaxVocabulary = 1 << 16;

    readonly MappedFile[] files;
    readonly int tokenBytes;
    byte[]? digest;

    TokenDataset(string name, MappedFile[] files, int tokenBytes, int context, int vocabulary)
    {
        Name = name;
        Classes = vocabulary;
        SampleShape = [context];
        this.files = files;
        this.tokenBytes = tokenBytes;
        try
        {
            CheckSettings(tokenBytes, context, vocabulary);
            var (train, test) = Split(tokenBytes, vocabulary);
            Train = new TokenSplit(train, context, 1);
            Test = new TokenSplit(test, context, context);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public IDataSplit Train { get; }

    /// <inheritdoc/>
    public IDataSplit Test { get; }

    /// <inheritdoc/>
    public long[] SampleShape { get; }

    /// <inheritdoc/>
    public int Classes { get; }

    /// <summary>SHA-256 of the content; <see cref="Check"/> computes it, or the first call: that reads the files
    /// wholly.</summary>
    public byte[] Digest => digest ??= ContentDigest(new DataCheckOptions());

    /// <inheritdoc/>
    public void Check(DataCheckOptions options) => digest ??= ContentDigest(options);

    /// <summary>A file as bytes, which may be of any format that a person may mean to train on; the last tenth is for
    /// testing.</summary>
    public static TokenDataset Text(string path, int context)
    {
        var file = MappedFile.Open(DataFile.FullPath(path, "a text"), "a text");
        return new TokenDataset("text", [file], 1, context, 256);
    }

    /// <summary>A folder with train.bin and val.bin, or one file of which the last tenth is for testing.</summary>
    public static TokenDataset Tokens(string path, int context, int vocabulary)
    {
        const string content = "uint16 tokens, or a folder with train.bin and val.bin";
        var full = DataFile.FullPath(path, content);
        if (!Directory.Exists(full))
            return new TokenDataset("tokens", [MappedFile.Open(full, content)], 2, context, vocabulary);
        var train = MappedFile.Open(Path.Combine(full, "train.bin"), "uint16 tokens to train on");
        try
        {
            var test = MappedFile.Open(Path.Combine(full, "val.bin"), "uint16 tokens to test on");
            return new TokenDataset("tokens", [train, test], 2, context, vocabulary);
        }
        catch
        {
            train.Dispose();
            throw;
        }
    }

    /// <summary>Unmaps the files.</summary>
    public void Dispose()
    {
        foreach (var file in files)
            file.Dispose();
    }

    void CheckSettings(int tokenBytes, int context, int vocabulary)
    {
        if (context is < 1 or > MaxContext)
            throw new DataException($"context is {context}; allowed is 1 to {MaxContext}");
        if (vocabulary is < 1 or > MaxVocabulary)
            throw new DataException($"data.vocabulary is {vocabulary}; allowed is 1 to {MaxVocabulary}");
        foreach (var file in files)
        {
            var start = file.Slice(0, (int)Math.Min(FileFormat.Start, file.Length));
            if (tokenBytes == 1)
            {
                if (FileFormat.NoText(start) is { } other)
                    throw new DataException($"{file.Path} is {other.Name}; expected a text: {other.Remedy}");
                continue;
            }
            if (FileFormat.OrText(start, file.Length) is { } found)
                throw new DataException(
                    $"{file.Path} is {found.Name}; expected tokens of 16 bits and nothing else: {found.Remedy}");
            if (file.Length % tokenBytes != 0)
                throw new DataException($"{file.Path} has {file.Length} bytes; expected a multiple of {tokenBytes}, as each "
                    + $"token has {tokenBytes}: it is cut off, or of another format");
        }
        if (files is [var train, var test] && test.IsEqual(train))
            throw new DataException($"{test.Path} is the same as {train.Path}; expected other tokens to test on than to train "
                + "on, or one file, of which the last tenth is for testing");
    }

    (TokenRange Train, TokenRange Test) Split(int tokenBytes, int vocabulary)
    {
        var length = files[0].Length / tokenBytes;
        if (files.Length == 2)
        {
            return (new TokenRange(files[0], tokenBytes, 0, length, vocabulary),
                new TokenRange(files[1], tokenBytes, 0, files[1].Length / tokenBytes, vocabulary));
        }
        var test = length / 10;
        return (new TokenRange(files[0], tokenBytes, 0, length - test, vocabulary),
            new TokenRange(files[0], tokenBytes, length - test, test, vocabulary));
    }

    byte[] ContentDigest(DataCheckOptions options) => new TokenCheck(Name, tokenBytes, Classes, files, options).Run();
}
