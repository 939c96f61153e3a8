using DecentralizedLion.Codecs;

namespace DecentralizedLion.Topology.Simulated;

/// <summary>A peer's ballots: each follows from seed, peer, step and the weights, as a gradient does.</summary>
static class SimulatedGradient
{
    // One ballot in so many is not finite: it is not cast.
    const int NotFinite = 50;

    /// <summary>The ballot of a step, null for one that is not finite, and its loss, which no other ballot of the step has.</summary>
    public static (Ballot? Ballot, float Loss) Of(ulong seed, int peer, long step, uint weights, int parameters)
    {
        ulong key = Coin.Word((long)Coin.Word((long)seed, peer), (int)step) ^ Coin.Word(weights, peer);
        float loss = BitConverter.UInt32BitsToSingle(0x3F800000 | (uint)(key >> 41)); // 1 … 2
        if (key % NotFinite == 0)
            return (null, float.NaN);
        var ballot = new Ballot(parameters);
        bool zeros = (key & 1024) != 0;
        for (int word = 0; word < ballot.Words; word++)
        {
            ulong abstains = 0;
            if (zeros) // one in 64
                abstains = Draw(1) & Draw(2) & Draw(3) & Draw(4) & Draw(5) & Draw(6);
            (ballot.Zeros[word], ballot.Signs[word]) = (abstains, Draw(0) & ~abstains);

            ulong Draw(int plane) => Coin.Word((long)(key + (ulong)plane), word);
        }
        ballot.Zeros[^1] &= BitPlanes.TailMask(parameters);
        ballot.Signs[^1] &= BitPlanes.TailMask(parameters);
        return (ballot, loss);
    }

    /// <summary>How long it takes, as a factor of the peer's usual time.</summary>
    public static double Pace(ulong seed, int peer, long step) =>
        0.7 + 0.6 * (Coin.Word((long)(seed ^ 0x5EED), (int)(step * 256 + peer)) >> 11) / (1UL << 53);
}
