namespace DecentralizedLion.Peer.Checkpoints;

/// <summary>A checkpoint cannot be read, or does not fit what it is read into. Names the file and the reason.</summary>
public class CheckpointException(string file, string reason, Exception? inner = null)
    : Exception($"{file}: {reason}", inner)
{
    /// <summary>The file's path.</summary>
    public string File { get; } = file;

    /// <summary>The reason, and what to do.</summary>
    public string Reason { get; } = reason;
}
