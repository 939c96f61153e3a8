namespace DecentralizedLion.Topology.Transport;

/// <summary>Brings what follows an await back to the loop's thread.</summary>
sealed class PollerContext(TaskScheduler loop) : SynchronizationContext
{
    readonly Lock gate = new();
    bool isClosed;

    /// <summary>Nothing is posted from now on; to be called when the loop has ended and before its poller is disposed.</summary>
    /// <remarks>NetMQ's queue, when its reader is gone, keeps who writes to it in a busy loop for ever.</remarks>
    public void Close()
    {
        lock (gate)
            isClosed = true;
    }

    public override void Post(SendOrPostCallback d, object? state)
    {
        lock (gate)
        {
            if (isClosed)
                return; // a delay that ends now has nothing to go on with
            Task.Factory.StartNew(() => d(state), CancellationToken.None, TaskCreationOptions.DenyChildAttach, loop);
        }
    }

    public override void Send(SendOrPostCallback d, object? state) =>
        Task.Factory.StartNew(() => d(state), CancellationToken.None, TaskCreationOptions.DenyChildAttach, loop)
            .GetAwaiter().GetResult();

    public override SynchronizationContext CreateCopy() => this;
}
