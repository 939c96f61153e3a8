using DecentralizedLion.Integration.Tests.Soak;
using DecentralizedLion.Peer.Cli;
using DecentralizedLion.Peer.Metrics;

namespace DecentralizedLion.Integration.Tests;

/// <summary>Signals that a host, a terminal or a scheduler sends.</summary>
public sealed class SignalTests
{
    [Fact]
    public async Task Peers_that_are_stopped_by_signals_within_a_second_end_at_one_step_with_one_digest()
    {
        using var place = new TestCluster(4, """{ "steps": 1000000 }""");
        await StopRun.Run(place, new StopOptions(2), _ => { });
    }

    [Fact]
    public async Task Further_signals_do_not_cut_a_stop_in_order_short()
    {
        using var place = new TestCluster(2, """{ "steps": 1000000 }""");
        var (a, b) = (place.OwnPeer("a"), place.Peer("b"));
        await b.Step(5);
        foreach (var signal in (int[])[PeerProcess.User1, PeerProcess.Terminate, PeerProcess.HangUp, PeerProcess.Terminate])
            a.Signal(signal);
        await a.Exits(0);
        Assert.Equal(Ended.Left, place.Metrics("a").OfType<Ended>().Single().Reason);
        b.Say("leave");
        await b.Exits(0);
    }

    [Fact]
    public async Task A_peer_that_is_asked_to_leave_does_not_finish_an_evaluation_first()
    {
        // Of so many samples that it would take minutes.
        using var place = new TestCluster(2, """
            { "steps": 1000000, "evaluateEvery": 5, "evaluateSamples": 0,
              "data": { "kind": "glyphs", "size": 16, "trainCount": 200, "testCount": 1000000 } }
            """, pooled: true);
        var a = place.Peer("a", "--bootstrap");
        await a.Until("an evaluation", peer => peer.Events.OfType<Busy>().Any(busy => busy.With == "evaluating"));
        a.Say("leave");
        await a.Exits(0);
        Assert.Equal(Ended.Left, place.Metrics("a").OfType<Ended>().Single().Reason);
        Assert.Empty(place.Metrics("a").OfType<Evaluated>());
        Assert.Contains(a.Events.OfType<Note>(),
            note => note.Text.Contains("the evaluation was ended", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_second_Ctrl_C_ends_at_once_with_the_exit_code_that_the_first_announces()
    {
        // A seed of so many peers takes a while, and after the first Ctrl-C it would still be finished.
        using var simulation = new PeerProcess("simulate", OwnProgram.Start([],
            ["simulate", "--seeds", "1..1000000", "--peers", "6", "--jobs", "1", "--verbose"]), TimeProvider.System);
        await simulation.Says("seed 1: ok");
        simulation.Signal(PeerProcess.Interrupt);
        await simulation.Says($"a second Ctrl-C ends at once, with exit code {ExitCode.Interrupted}");
        simulation.Signal(PeerProcess.Interrupt);
        await simulation.Exits(ExitCode.Interrupted);
    }
}
