using DecentralizedLion.Codecs.Reductions;
using DecentralizedLion.Peer.Optimizers;

namespace DecentralizedLion.Peer.Checkpoints;

/// <summary>The vectors that a run's checkpoints hold, where they are in memory: the weights, and what the method adds to
/// them.</summary>
/// <param name="weights">Names and shapes of the weights, in the order of the flat vector.</param>
/// <param name="previous">The previous signs, where they decide ties; else null.</param>
/// <param name="shared">What else is equal on all peers.</param>
/// <param name="own">What this peer alone has.</param>
sealed class CheckpointState(IReadOnlyList<TensorDeclaration> weights, ulong[]? previous,
    IReadOnlyList<StateVector> shared, IReadOnlyList<StateVector> own)
{
    /// <summary>The name of the previous signs, 64 to a word; int64 because older PyTorch versions open no unsigned
    /// words.</summary>
    public const string PreviousSigns = Prefix + "previous_verdict";

    /// <summary>The beginning of the names of all tensors that are no weights.</summary>
    internal const string Prefix = "decentralized_lion.";

    /// <summary>Names and shapes of the weights, in the order of the flat vector.</summary>
    public IReadOnlyList<TensorDeclaration> Weights => weights;

    /// <summary>The previous signs, or null.</summary>
    public ulong[]? Previous => previous;

    /// <summary>The vectors beside the weights that are equal on all peers.</summary>
    public IReadOnlyList<StateVector> ReplicatedState => shared;

    /// <summary>The vectors that this peer alone has.</summary>
    public IReadOnlyList<StateVector> LocalState => own;

    /// <summary>True when this peer has anything of its own by now: before its first gradient all of it is zero.</summary>
    public bool HasLocalState => own.Any(vector => !vector.Vector.IsZero());

    /// <summary>True when a thread may write these vectors to a file while others read them; on a device only one at a time
    /// reads.</summary>
    public bool AllowsConcurrentReads => shared.Concat(own).All(vector => vector.Vector.AllowsConcurrentReads);

    /// <summary>The shared file's tensors. Words of 8 bytes come first, so that every tensor is aligned.</summary>
    public IEnumerable<TensorDeclaration> ReplicatedTensors()
    {
        if (previous is not null)
            yield return new(PreviousSigns, TensorType.I64, [previous.Length]);
        foreach (var tensor in weights)
            yield return tensor;
        foreach (var vector in shared)
            yield return Declare(vector);
    }

    /// <summary>The tensors of a peer's own file beside an open ballot's.</summary>
    public IEnumerable<TensorDeclaration> LocalTensors() => own.Select(Declare);

    /// <summary>An open ballot's tensors.</summary>
    public static IEnumerable<(TensorDeclaration Tensor, BallotBucket Part, bool IsZeros)> BallotTensors(Ballot ballot)
    {
        for (var at = 0; at < ballot.Buckets.Count; at++)
        {
            var bucket = ballot.Buckets[at];
            yield return (new($"{Prefix}ballot.{at}", TensorType.I64, [bucket.Planes.Length]), bucket, false);
            if (bucket.Zeros.Length > 0)
                yield return (new($"{Prefix}ballot.{at}.zeros", TensorType.I64, [bucket.Zeros.Length]), bucket, true);
        }
    }

    /// <summary>The declaration of a vector in the file.</summary>
    public static TensorDeclaration Declare(StateVector vector) =>
        new(Prefix + vector.Name, TensorType.F32, [vector.Vector.Length]);
}
