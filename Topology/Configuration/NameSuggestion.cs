namespace DecentralizedLion.Topology.Configuration;

/// <summary>Finds the name that somebody probably meant.</summary>
static class NameSuggestion
{
    /// <summary>
    /// The candidate nearest to <paramref name="written"/> by edit distance, capitals ignored; null when none is near
    /// (more than about a third of the letters, or more than 3, differ).
    /// </summary>
    public static string? Nearest(string written, IEnumerable<string> candidates)
    {
        string? best = null;
        var least = Math.Min(3, (written.Length + 2) / 3) + 1;
        foreach (var candidate in candidates)
            if (written.Length <= 64 && candidate.Length <= 64 && Distance(written, candidate) is var d && d < least)
                (best, least) = (candidate, d);
        return best;
    }

    static int Distance(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var change = diagonal + (char.ToLowerInvariant(a[i - 1]) == char.ToLowerInvariant(b[j - 1]) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(change, 1 + Math.Min(row[j], row[j - 1]));
            }
        }
        return row[b.Length];
    }
}
