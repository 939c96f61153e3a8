using System.Runtime.InteropServices;
using DecentralizedLion.Peer.Cli;

namespace DecentralizedLion.Peer.Tests.Cli;

public sealed class StopSignalTests
{
    [Fact]
    public void The_first_Ctrl_C_asks_to_leave_and_says_what_the_second_does_which_the_system_handles()
    {
        using var notice = new StringWriter();
        using var signal = StopSignal.OfTerminal(TimeProvider.System, notice: notice);
        var first = new PosixSignalContext(PosixSignal.SIGINT);
        signal.Interrupt(first);
        Assert.True(first.Cancel);
        Assert.True(signal.Token.IsCancellationRequested);
        Assert.Contains("a second Ctrl-C ends at once, with exit code 130", notice.ToString());
        var second = new PosixSignalContext(PosixSignal.SIGINT);
        signal.Interrupt(second);
        Assert.False(second.Cancel);
    }
}
