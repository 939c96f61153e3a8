namespace DecentralizedLion.Models.Datasets;

/// <summary>
/// Which glyphs: pictures of <paramref name="Size"/> x <paramref name="Size"/> pixels, so many to train on and to test on.
/// </summary>
sealed record GlyphSettings(ulong Seed = 1, int Size = 28, int TrainCount = 60_000, int TestCount = 10_000)
{
    /// <summary>Throws a <see cref="DataException"/> that names the field, its value and what is allowed.</summary>
    public void Validate()
    {
        Check("size", Size, 16, 128);
        Check("trainCount", TrainCount, 1, 1_000_000);
        Check("testCount", TestCount, 1, 1_000_000);
        if ((long)Math.Max(TrainCount, TestCount) * Size * Size > Array.MaxLength)
            throw new DataException($"data: {TrainCount} + {TestCount} glyphs of {Size} x {Size} pixels do not fit in memory");
    }

    static void Check(string field, int value, int least, int most)
    {
        if (value < least || value > most)
            throw new DataException($"data.{field} is {value}; allowed is {least} to {most}");
    }
}
