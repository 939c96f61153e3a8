namespace DecentralizedLion.Topology.Transport;

/// <summary>Brings what follows an await back to the loop's thread.</summary>
sealed class LoopContext(TaskScheduler loop) : SynchronizationContext
{
    public override void Post(SendOrPostCallback d, object? state)
    {
        try
        {
            Task.Factory.StartNew(() => d(state), CancellationToken.None, TaskCreationOptions.DenyChildAttach, loop);
        }
        catch (TaskSchedulerException e) when (e.InnerException is ObjectDisposedException)
        {
            // The mesh is closed; a delay that ends now has nothing to go on with.
        }
    }

    public override void Send(SendOrPostCallback d, object? state) =>
        Task.Factory.StartNew(() => d(state), CancellationToken.None, TaskCreationOptions.DenyChildAttach, loop).GetAwaiter().GetResult();

    public override SynchronizationContext CreateCopy() => this;
}
