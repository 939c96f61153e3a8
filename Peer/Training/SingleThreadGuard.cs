namespace DecentralizedLion.Peer.Training;

/// <summary>Lets one thread at a time do something, and refuses others instead of letting them wait. The thread that is in may
/// come in again.</summary>
sealed class SingleThreadGuard
{
    int thread, depth;

    /// <summary>Lets the calling thread in until the result is disposed.</summary>
    /// <param name="what">What it wants to do, for the error.</param>
    /// <exception cref="InvalidOperationException">Another thread is in.</exception>
    public Turn Enter(string what)
    {
        Claim(what);
        depth++;
        return new Turn(this);
    }

    /// <summary>Lets the calling thread in for good.</summary>
    /// <param name="what">What it wants to do, for the error.</param>
    /// <exception cref="InvalidOperationException">Another thread is in.</exception>
    public void Claim(string what)
    {
        var me = Environment.CurrentManagedThreadId;
        if (Interlocked.CompareExchange(ref thread, me, 0) is var other && other != 0 && other != me)
            throw new InvalidOperationException($"{what} was called while another thread is in step(), zero_grad() or Next(); "
                + "allowed is one thread at a time");
    }

    /// <summary>Lets the calling thread in instead of the one that is.</summary>
    public void TakeOver() => thread = Environment.CurrentManagedThreadId;

    void Exit()
    {
        if (--depth == 0)
            thread = 0;
    }

    /// <summary>Lets the next thread in when it is disposed.</summary>
    internal readonly struct Turn(SingleThreadGuard guard) : IDisposable
    {
        public void Dispose() => guard.Exit();
    }
}
