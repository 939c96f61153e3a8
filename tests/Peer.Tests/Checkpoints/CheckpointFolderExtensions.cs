using DecentralizedLion.Models.Vectors;
using DecentralizedLion.Peer.Checkpoints;

namespace DecentralizedLion.Peer.Tests.Checkpoints;

/// <summary>What tests want of a folder of checkpoints.</summary>
static class CheckpointFolderExtensions
{
    /// <summary>Writes a whole checkpoint.</summary>
    public static void Write(this CheckpointFolder folder, Progress progress, CheckpointState state, FlatVector weights,
        string peer, PendingBallot? open = null)
    {
        using var files = folder.Prepare(progress, state, weights, peer, open);
        folder.Commit(files);
    }
}
