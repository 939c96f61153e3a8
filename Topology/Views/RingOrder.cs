using DecentralizedLion.Codecs;

namespace DecentralizedLion.Topology.Views;

/// <summary>
/// Puts the candidates of a view in an order in which every neighbour can reach the next. Where no order can, the fewest are left
/// out, of equally few the highest ranks (section 6).
/// </summary>
static class RingOrder
{
    // A bound on the search for an order; beyond it the highest rank is left out rather than looking on.
    const int MostTries = 20_000;

    /// <summary>An order of as many candidates as possible.</summary>
    /// <param name="candidates">Roster indices.</param>
    /// <param name="linked">Whether two of them reach each other, both ways.</param>
    /// <param name="everyPair">Every pair must, as in a direct exchange; otherwise only neighbours in the ring.</param>
    /// <returns>Roster indices in the ring's order; empty when there are no candidates.</returns>
    public static int[] Of(VoterSet candidates, Func<int, int, bool> linked, bool everyPair)
    {
        int[] ranks = [.. candidates];
        for (int fewer = 0; fewer < ranks.Length; fewer++)
        {
            foreach (int[] kept in Without(ranks, fewer))
            {
                if ((everyPair ? AllLinked(kept, linked) : Cycle(kept, linked)) is { } order)
                    return order;
            }
        }
        return [];
    }

    /// <summary>All ways to leave out so many, the highest ranks first; for large rosters only the first hundred.</summary>
    static IEnumerable<int[]> Without(int[] ranks, int fewer)
    {
        int kept = ranks.Length - fewer;
        var chosen = new int[kept];
        return Choose(0, 0).Take(100).ToArray();

        IEnumerable<int[]> Choose(int at, int from)
        {
            if (at == kept)
            {
                yield return [.. chosen];
                yield break;
            }
            for (int next = from; next <= ranks.Length - (kept - at); next++)
            {
                chosen[at] = ranks[next];
                foreach (int[] rest in Choose(at + 1, next + 1))
                    yield return rest;
            }
        }
    }

    static int[]? AllLinked(int[] ranks, Func<int, int, bool> linked)
    {
        for (int a = 0; a < ranks.Length; a++)
        {
            for (int b = a + 1; b < ranks.Length; b++)
            {
                if (!linked(ranks[a], ranks[b]))
                    return null;
            }
        }
        return ranks;
    }

    /// <summary>A ring through all: ascending ranks wherever the links allow it.</summary>
    static int[]? Cycle(int[] ranks, Func<int, int, bool> linked)
    {
        if (ranks.Length == 1)
            return ranks;
        var order = new int[ranks.Length];
        var used = new bool[ranks.Length];
        int tries = 0;
        (order[0], used[0]) = (ranks[0], true);
        return Extend(1) ? order : null;

        bool Extend(int at)
        {
            if (at == ranks.Length)
                return linked(order[^1], order[0]);
            for (int next = 1; next < ranks.Length; next++)
            {
                if (used[next] || !linked(order[at - 1], ranks[next]) || ++tries > MostTries)
                    continue;
                (order[at], used[next]) = (ranks[next], true);
                if (Extend(at + 1))
                    return true;
                used[next] = false;
            }
            return false;
        }
    }
}
