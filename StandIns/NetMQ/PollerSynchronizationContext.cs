namespace NetMQ;

/// <summary>Brings what follows an await back to the poller's thread.</summary>
sealed class PollerSynchronizationContext(NetMQPoller poller) : SynchronizationContext
{
    public override void Post(SendOrPostCallback d, object state) => poller.Post(d, state);

    public override void Send(SendOrPostCallback d, object state)
    {
        if (poller.CanExecuteTaskInline)
        {
            d(state);
            return;
        }

        var task = new Task(() => d(state));
        task.Start(poller);
        task.GetAwaiter().GetResult();
    }

    public override SynchronizationContext CreateCopy() => new PollerSynchronizationContext(poller);
}
