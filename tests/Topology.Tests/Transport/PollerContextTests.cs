using DecentralizedLion.Topology.Transport;

namespace DecentralizedLion.Topology.Tests.Transport;

public class PollerContextTests
{
    /// <summary>Whoever wrote to the poller's queue then would be in a busy loop for ever.</summary>
    [Fact]
    public void Nothing_is_given_to_a_loop_that_has_ended()
    {
        var loop = new CountingScheduler();
        var context = new PollerContext(loop);
        context.Post(_ => { }, null);
        Assert.Equal(1, loop.Queued);
        context.Close();
        context.Post(_ => { }, null);
        Assert.Equal(1, loop.Queued);
    }

    sealed class CountingScheduler : TaskScheduler
    {
        public int Queued { get; private set; }

        protected override void QueueTask(Task task) => Queued++;

        protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) => false;

        protected override IEnumerable<Task> GetScheduledTasks() => [];
    }
}
