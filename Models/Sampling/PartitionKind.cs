namespace DecentralizedLion.Models.Sampling;

/// <summary>The ways to divide the training part among the peers.</summary>
public enum PartitionKind
{
    /// <summary>All samples are shared out to whoever is there.</summary>
    Iid,

    /// <summary>Each peer has only some of the classes.</summary>
    ByClass,

    /// <summary>Each peer has a random share of every class.</summary>
    Dirichlet,

    /// <summary>Each peer has data of its own.</summary>
    Local,
}
