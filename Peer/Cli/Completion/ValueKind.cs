namespace DecentralizedLion.Peer.Cli.Completion;

/// <summary>What a shell may put where a value is.</summary>
enum ValueKind
{
    /// <summary>There is no value: a flag.</summary>
    None,

    /// <summary>A number or a name that the shell cannot know.</summary>
    Other,

    /// <summary>One of some words.</summary>
    Words,

    /// <summary>A file or folder.</summary>
    File,

    /// <summary>A folder.</summary>
    Folder,
}
