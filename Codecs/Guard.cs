namespace DecentralizedLion.Codecs;

/// <summary>Checks of spans against each other, with messages that name the span, its length and the length needed.</summary>
static class Guard
{
    public static void Length(int actual, long expected, string name)
    {
        if (actual != expected)
            Fail(actual, expected, name);
    }

    public static void Planes(int planes, string name)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(planes, name);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(planes, 31, name);
    }

    static void Fail(int actual, long expected, string name) =>
        throw new ArgumentException($"{name} has {actual} elements; {expected} are needed.", name);
}
