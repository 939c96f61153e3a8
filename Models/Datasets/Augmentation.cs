using DecentralizedLion.Models.Sampling;

namespace DecentralizedLion.Models.Datasets;

/// <summary>
/// The random variation of training images: mirrored left to right half of the time where <paramref name="Flip"/> says so, and
/// moved by up to <paramref name="Shift"/> pixels each way, the uncovered edge being the mean colour. The choice is a hash of
/// (seed, position), hence the same wherever that position is computed.
/// </summary>
readonly record struct Augmentation(ulong Seed, bool Flip, int Shift)
{
    /// <summary>The variation at a position of the run.</summary>
    internal Variation At(long position)
    {
        var hash = SplitMix.Bits(Seed, (ulong)position);
        var places = (uint)((2 * Shift) + 1);
        var down = (int)((((hash >> 1) & 0xFFFF) * places) >> 16) - Shift;
        var right = (int)((((hash >> 17) & 0xFFFF) * places) >> 16) - Shift;
        return new Variation(Flip && (hash & 1) != 0, down, right);
    }
}
