namespace DecentralizedLion.Peer.Cli.Dashboard.History;

/// <summary>The order of ids in which node-2 comes before node-10.</summary>
sealed class NaturalOrder : IComparer<string>
{
    /// <inheritdoc/>
    public int Compare(string? x, string? y)
    {
        if (x is null || y is null)
            return string.CompareOrdinal(x, y);
        var (i, j) = (0, 0);
        while (i < x.Length && j < y.Length)
        {
            var (a, b) = (Digits(x, i), Digits(y, j));
            if (a > 0 && b > 0)
            {
                var left = x.AsSpan(i, a).TrimStart('0');
                var right = y.AsSpan(j, b).TrimStart('0');
                var order = left.Length != right.Length ? left.Length.CompareTo(right.Length) : left.SequenceCompareTo(right);
                if (order != 0)
                    return order;
                (i, j) = (i + a, j + b);
                continue;
            }
            if (x[i] != y[j])
                return x[i].CompareTo(y[j]);
            (i, j) = (i + 1, j + 1);
        }
        var rest = (x.Length - i).CompareTo(y.Length - j);
        return rest != 0 ? rest : string.CompareOrdinal(x, y);
    }

    static int Digits(string text, int from)
    {
        var end = from;
        while (end < text.Length && char.IsAsciiDigit(text[end]))
            end++;
        return end - from;
    }
}
