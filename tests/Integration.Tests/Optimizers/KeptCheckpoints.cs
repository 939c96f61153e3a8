using System.Security.Cryptography;
using DecentralizedLion.Peer.Metrics;

namespace DecentralizedLion.Integration.Tests.Optimizers;

/// <summary>The checkpoints of peers, which keep the last two only themselves.</summary>
sealed class KeptCheckpoints
{
    readonly Lock gate = new();
    readonly Dictionary<long, Dictionary<string, string>> digests = [];

    /// <summary>Looks at each checkpoint that a process says it wrote.</summary>
    public PeerProcess Of(PeerProcess process)
    {
        process.Changed += happened =>
        {
            if (happened is not Saved saved)
                return;
            byte[] bytes;
            try
            {
                bytes = File.ReadAllBytes(saved.File);
            }
            catch (IOException)
            {
                return; // two more were written since
            }
            lock (gate)
            {
                if (!digests.TryGetValue(saved.Step, out var peers))
                    digests.Add(saved.Step, peers = []);
                peers[process.Name] = Convert.ToHexString(SHA256.HashData(bytes));
            }
        };
        return process;
    }

    /// <summary>True when there is a checkpoint of each of so many peers after a step, all of one step.</summary>
    public bool HaveOneOfAllAfter(long step, int peers)
    {
        lock (gate)
            return digests.Any(found => found.Key > step && found.Value.Count == peers);
    }

    /// <summary>All checkpoints of one step have the same bytes.</summary>
    public void AssertEqual()
    {
        lock (gate)
            foreach (var (step, peers) in digests)
                Assert.True(peers.Values.Distinct().Count() == 1,
                    $"the checkpoints of step {step} differ: {string.Join(", ", peers)}");
    }
}
