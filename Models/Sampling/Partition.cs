using System.Globalization;
using DecentralizedLion.Models.Datasets;

namespace DecentralizedLion.Models.Sampling;

/// <summary>
/// Which samples a peer may take: <c>data.partition</c> of peers.json. With all but <see cref="PartitionKind.Iid"/> a peer's
/// samples are its own and nobody else's: while it is away nobody trains on them.
/// </summary>
public sealed record Partition
{
    const double AlphaMin = 0.001, AlphaMax = 1_000_000;
    const string Before = "dirichlet(", After = ")";

    /// <summary>The texts that are allowed, in words.</summary>
    public const string Allowed =
        "\"iid\", \"by-class\", \"local\" or \"dirichlet(α)\" with α from 0.001 to 1000000, such as \"dirichlet(0.5)\"";

    Partition(PartitionKind kind, double alpha = 0) => (Kind, Alpha) = (kind, alpha);

    /// <summary>All samples are shared out to whoever is there.</summary>
    public static Partition Iid { get; } = new(PartitionKind.Iid);

    /// <summary>Each peer has only some of the classes.</summary>
    public static Partition ByClass { get; } = new(PartitionKind.ByClass);

    /// <summary>Each peer has data of its own.</summary>
    public static Partition Local { get; } = new(PartitionKind.Local);

    /// <summary>Which of them.</summary>
    public PartitionKind Kind { get; }

    /// <summary>The parameter of the Dirichlet distribution, 0.001 to 1,000,000: large for equal shares, small for few peers that
    /// have nearly all of a class. 0 for other kinds.</summary>
    public double Alpha { get; }

    /// <summary>True when it goes by the samples' classes, so that text and tokens cannot have it.</summary>
    public bool NeedsClasses => Kind is PartitionKind.ByClass or PartitionKind.Dirichlet;

    /// <summary>For each class, shares of the peers from a symmetric Dirichlet distribution.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Alpha is out of its range.</exception>
    public static Partition Dirichlet(double alpha) => alpha is >= AlphaMin and <= AlphaMax
        ? new(PartitionKind.Dirichlet, alpha)
        : throw new ArgumentOutOfRangeException(nameof(alpha), alpha, $"expected {AlphaMin} to {AlphaMax}");

    /// <summary>Reads what <see cref="ToString"/> writes; null when it is none of <see cref="Allowed"/>.</summary>
    public static Partition? Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text switch
        {
            "iid" => Iid,
            "by-class" => ByClass,
            "local" => Local,
            _ when text.StartsWith(Before, StringComparison.Ordinal) && text.EndsWith(After, StringComparison.Ordinal)
                && double.TryParse(text.AsSpan(Before.Length, text.Length - Before.Length - After.Length),
                    NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var alpha)
                && alpha is >= AlphaMin and <= AlphaMax => new(PartitionKind.Dirichlet, alpha),
            _ => null,
        };
    }

    /// <summary>The plan of a new run: who takes which positions.</summary>
    /// <param name="count">How many samples the training part has; of no effect where each peer has its own.</param>
    /// <param name="peers">How many peers the roster has, all of them members at first.</param>
    /// <param name="size">What a member takes in a step.</param>
    internal Sampler SamplerOf(long count, int peers, BatchSize size)
    {
        var beginning = Sampler.InitialState([.. Enumerable.Range(0, peers)]);
        return Kind == PartitionKind.Iid ? new PooledSampler(count, size, beginning) : new ShardedSampler(peers, size, beginning);
    }

    /// <summary>The samples that a peer's positions are of: the whole training part, or what of it is the peer's own.</summary>
    /// <param name="data">The data, the same on all hosts unless they are local.</param>
    /// <param name="peer">The peer's roster index.</param>
    /// <param name="peers">How many peers the roster has.</param>
    /// <param name="seed">The run's seed.</param>
    /// <exception cref="DataException">The samples have no classes, or are fewer than the peers.</exception>
    internal IDataSplit ShardOf(IDataset data, int peer, int peers, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentOutOfRangeException.ThrowIfNegative(peer);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(peer, peers);
        if (Kind == PartitionKind.Iid)
            return data.Train;
        if (Kind == PartitionKind.Local)
            return new PeerShard(data.Train, null, peer, seed);
        var labels = data.Train.Labels() ?? throw new DataException(
            $"data.partition is \"{this}\", which goes by classes, and samples of {data.Name} have none; allowed is "
                + "iid or local");
        if (labels.Length < peers)
            throw new DataException(
                $"data.partition is \"{this}\": {labels.Length} samples cannot be divided among {peers} peers; "
                + "expected at least one for each");
        return new PeerShard(data.Train, new ClassShares(labels, peers, seed, this).Of(peer), peer, seed);
    }

    /// <summary>As peers.json has it: <c>iid</c>, <c>by-class</c>, <c>dirichlet(0.5)</c>, <c>local</c>.</summary>
    public override string ToString() => Kind switch
    {
        PartitionKind.Iid => "iid",
        PartitionKind.ByClass => "by-class",
        PartitionKind.Local => "local",
        _ => Before + Alpha.ToString(CultureInfo.InvariantCulture) + After,
    };
}
