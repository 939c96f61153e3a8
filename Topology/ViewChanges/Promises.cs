namespace DecentralizedLion.Topology.ViewChanges;

/// <summary>Looks into what an <see cref="IViewStore"/> has, without taking part.</summary>
static class Promises
{
    /// <summary>True when it binds anybody: a view was decided or something promised. A state that cannot be read binds
    /// nobody.</summary>
    /// <param name="state">What <see cref="IViewStore.Load"/> gives.</param>
    /// <param name="peers">Peers in the roster.</param>
    public static bool AreIn(byte[]? state, int peers) =>
        AcceptorState.TryDecode(state, peers) is { } known && (known.View.Number > 0 || known.Promised > 0);
}
