using DecentralizedLion.Codecs.Bits;

namespace DecentralizedLion.Topology.ViewChanges;

/// <summary>
/// Puts the candidates of a view in an order in which every neighbour can reach the next. Where no order can, the fewest are left
/// out, of equally few the highest ranks (docs/protocol.md#membership).
/// </summary>
static class RingOrder
{
    // Bounds on the search, whatever the heartbeats say: for one set of members, and for one call. When they are used up, sets
    // are tried by the first way that offers itself, and the highest rank is left out rather than looking on.
    const int TriesMax = 20_000, TriesInAllMax = 100_000;

    // Of the ways to leave out some, so many are looked at; a small roster has fewer.
    const int SetsMax = 100;

    /// <summary>An order of as many candidates as possible.</summary>
    /// <param name="candidates">Roster indices.</param>
    /// <param name="linked">Whether two of them reach each other, both ways. Asked once a pair.</param>
    /// <param name="everyPair">Every pair must, as in a direct exchange; otherwise only neighbours in the ring.</param>
    /// <returns>Roster indices in the ring's order; empty when there are no candidates.</returns>
    public static int[] Of(PeerSet candidates, Func<int, int, bool> linked, bool everyPair) =>
        Of(candidates, linked, everyPair, out _);

    /// <summary>An order of as many candidates as possible, and the number of steps that the search for it took.</summary>
    internal static int[] Of(PeerSet candidates, Func<int, int, bool> linked, bool everyPair, out int tries)
    {
        tries = 0;
        int[] ranks = [.. candidates];
        PeerSet[] links = Links(ranks, linked);
        for (int fewer = 0; fewer < ranks.Length; fewer++)
        {
            foreach (int[] kept in Without(ranks, fewer))
            {
                if ((everyPair ? AllLinked(kept, links) : Cycle(kept, links, ref tries)) is { } order)
                    return order;
            }
        }
        return [];
    }

    /// <summary>Of each candidate, by roster index, those that it is linked with.</summary>
    static PeerSet[] Links(int[] ranks, Func<int, int, bool> linked)
    {
        var links = new PeerSet[ranks.Length == 0 ? 0 : ranks[^1] + 1];
        for (int a = 0; a < ranks.Length; a++)
        {
            for (int b = a + 1; b < ranks.Length; b++)
            {
                if (!linked(ranks[a], ranks[b]))
                    continue;
                links[ranks[a]] = links[ranks[a]].With(ranks[b]);
                links[ranks[b]] = links[ranks[b]].With(ranks[a]);
            }
        }
        return links;
    }

    /// <summary>All ways to leave out so many, the highest ranks first; for large rosters only the first hundred.</summary>
    static IEnumerable<int[]> Without(int[] ranks, int fewer)
    {
        int kept = ranks.Length - fewer;
        // The places of those that are kept; the next way is the one that an odometer of rising numbers shows next.
        int[] at = [.. Enumerable.Range(0, kept)];
        for (int set = 0; set < SetsMax; set++)
        {
            yield return [.. at.Select(place => ranks[place])];
            int turn = kept - 1;
            while (turn >= 0 && at[turn] == ranks.Length - kept + turn)
                turn--;
            if (turn < 0)
                yield break;
            at[turn]++;
            for (int place = turn + 1; place < kept; place++)
                at[place] = at[place - 1] + 1;
        }
    }

    static int[]? AllLinked(int[] ranks, PeerSet[] links)
    {
        var set = PeerSet.Of(ranks);
        return Array.TrueForAll(ranks, rank => set.IsSubsetOf(links[rank].With(rank))) ? ranks : null;
    }

    /// <summary>A ring through all: ascending ranks wherever the links allow it.</summary>
    static int[]? Cycle(int[] ranks, PeerSet[] links, ref int triesInAll)
    {
        if (ranks.Length == 1)
            return ranks;
        var order = new int[ranks.Length];
        var used = new bool[ranks.Length];
        int most = Math.Max(ranks.Length, Math.Min(TriesMax, TriesInAllMax - triesInAll)), tries = 0;
        (order[0], used[0]) = (ranks[0], true);
        bool found = Extend(1);
        triesInAll += tries;
        return found ? order : null;

        bool Extend(int at)
        {
            if (at == ranks.Length)
                return links[order[^1]].Contains(order[0]);
            for (int next = 1; next < ranks.Length && tries < most; next++)
            {
                if (used[next] || !links[order[at - 1]].Contains(ranks[next]))
                    continue;
                tries++;
                (order[at], used[next]) = (ranks[next], true);
                if (Extend(at + 1))
                    return true;
                used[next] = false;
            }
            return false;
        }
    }
}
