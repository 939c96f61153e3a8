namespace DecentralizedLion.Models.Datasets;

/// <summary>
/// Windows of T tokens and, as targets, the tokens that come next. A window begins every <c>stride</c> tokens: at each
/// token for training; every T tokens for testing, so that each token is predicted once.
/// </summary>
sealed class TokenSplit : IDataSplit
{
    readonly TokenRange tokens;
    readonly int context;
    readonly int stride;

    public TokenSplit(TokenRange tokens, int context, int stride)
    {
        if (tokens.Length <= context)
        {
            throw new DataException(
                $"{tokens.Path}: {tokens.Length} tokens to {(stride == 1 ? "train on" : "test on")}"
                + $"{(tokens.IsPart ? $" (the {(stride == 1 ? "first nine tenths" : "last tenth")} of it)" : "")}; "
                + $"expected at least {(long)context + 1} for a context of {context}: give a longer file, or a smaller "
                + "model.context");
        }
        this.tokens = tokens;
        this.context = context;
        this.stride = stride;
        Count = ((tokens.Length - context - 1) / stride) + 1;
    }

    public long Count { get; }

    /// <summary>A window has its targets too, one token further.</summary>
    public long Spacing => context / stride + 1;

    public Batch Read(ReadOnlySpan<long> samples)
    {
        var inputs = new long[(long)samples.Length * context];
        var targets = new long[inputs.Length];
        var window = new long[context + 1];
        for (var i = 0; i < samples.Length; i++)
        {
            if (samples[i] < 0 || samples[i] >= Count)
                throw new ArgumentOutOfRangeException(nameof(samples), samples[i], $"a sample must be from 0 to {Count - 1}");
            tokens.Read(samples[i] * stride, window);
            window.AsSpan(0, context).CopyTo(inputs.AsSpan(i * context));
            window.AsSpan(1).CopyTo(targets.AsSpan(i * context));
        }
        return new Batch { InputShape = [samples.Length, context], Tokens = inputs, Targets = targets };
    }
}
