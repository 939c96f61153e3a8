using DecentralizedLion.Models.Sampling;

namespace DecentralizedLion.Models.Datasets;

/// <summary>The <c>data</c> object of peers.json: which data, where, and what its kind needs to know.</summary>
/// <param name="Kind">glyphs, cifar10, mnist, fashion, text or tokens.</param>
/// <param name="Path">A folder or file; nothing for glyphs.</param>
/// <param name="Context">T, for text and tokens: the network's context.</param>
/// <param name="Vocabulary">For tokens.</param>
/// <param name="Augment">Whether training images are varied (cifar10: mirrored and moved by 4; mnist: moved by 2).</param>
/// <param name="Seed">Of the run: decides the variations.</param>
/// <param name="Glyphs">For glyphs; the usual ones when null.</param>
sealed record DataSettings(
    string Kind,
    string? Path = null,
    int Context = 0,
    int Vocabulary = 0,
    bool Augment = false,
    ulong Seed = 0,
    GlyphSettings? Glyphs = null)
{
    /// <summary>Which samples a peer may take.</summary>
    public Partition Partition { get; init; } = Partition.Iid;

    /// <summary>Opens the data; whatever is wrong is a <see cref="DataException"/>.</summary>
    public IDataset Open() => Kind switch
    {
        "glyphs" => new Glyphs(Glyphs ?? new GlyphSettings()),
        "cifar10" => new Cifar10(PathOrThrow(), Variation(true, 4)),
        "mnist" => Mnist.Digits(PathOrThrow(), Variation(false, 2)),
        "fashion" => Mnist.Fashion(PathOrThrow(), Variation(true, 2)),
        "text" => TokenDataset.Text(PathOrThrow(), Context),
        "tokens" => TokenDataset.Tokens(PathOrThrow(), Context, Vocabulary),
        _ => throw new DataException($"data.kind is '{Kind}'; allowed are glyphs, cifar10, mnist, fashion, text and tokens"),
    };

    string PathOrThrow() =>
        Path ?? throw new DataException($"data.path is missing; data of kind '{Kind}' needs one (or --data)");

    Augmentation? Variation(bool flip, int shift) => Augment ? new Augmentation(Seed, flip, shift) : null;
}
