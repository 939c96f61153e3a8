using DecentralizedLion.Peer.Checkpoints;
using DecentralizedLion.Peer.Journal;
using DecentralizedLion.Topology.Configuration;
using DecentralizedLion.Topology.ViewChanges;

namespace DecentralizedLion.Peer.Training;

/// <summary>
/// The clean-up of what a start leaves behind that never came to a ring, such as one that was refused for its settings: initial
/// weights, and neither a step nor a promise after them.
/// </summary>
static class UnstartedRunCleanup
{
    /// <summary>Deletes it when it was made with other settings than the present ones: its weights are not what these begin
    /// with.</summary>
    /// <returns>Whether there was such a thing.</returns>
    public static bool Drop(CheckpointFolder checkpoints, ViewStore views, int peers, Fingerprint fingerprint)
    {
        if (checkpoints.Steps() is not [0] || checkpoints.MomentumSteps().Count > 0 || !StepJournal.IsEmpty(checkpoints.Folder)
            || Promises.AreIn(views.Load(), peers) || !IsOfOther(checkpoints.Shared(0), fingerprint))
            return false;
        views.Clear(); // it may be of another roster
        StepJournal.Clear(checkpoints.Folder);
        checkpoints.Clear();
        return true;
    }

    static bool IsOfOther(string path, Fingerprint fingerprint)
    {
        try
        {
            using var file = new SafetensorsFile(path);
            return file.Metadata.TryGetValue("fingerprint", out var written) && written != fingerprint.Hex;
        }
        catch (CheckpointException)
        {
            return false; // whoever loads it says what is wrong
        }
    }
}
