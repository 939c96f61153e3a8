using System.Diagnostics;
using DecentralizedLion.Topology.Security;
using DecentralizedLion.Topology.Transport;

namespace DecentralizedLion.Topology.Tests.Transport;

/// <summary>Tests by counts of the whole process, so that no other test may run beside them.</summary>
[CollectionDefinition(nameof(LinkLeakTests), DisableParallelization = true)]
[Collection(nameof(LinkLeakTests))]
public sealed class LinkLeakTests
{
    const int Inward = 200, Outward = 20;

    [LinuxFact("/proc/self/fd")]
    public async Task Connections_that_come_and_go_leave_no_handles_and_no_threads()
    {
        using PeerKeyPair one = PeerKeyPair.Create(), other = PeerKeyPair.Create();
        PeerKeyPair[] keys = [one, other];
        TransportEndpoints[] endpoints = LoopbackTransports.SecureEndpoints(keys);
        using var transport = new ZeroMqTransport(0, endpoints[0], new LinkLimits(4096), 1);
        transport.Start();
        HostPort own = HostPort.Parse(endpoints[0].Bind[1]), theirs = HostPort.Parse(endpoints[1].Bind[0]);
        var dialer = new TlsDialer(own, 0, LoopbackTransports.Keys(keys, 1), peer => $"{peer}", transport.Resolver,
            TimeProvider.System);
        int admitted = 0;
        // In place of peer 1: whatever is let in is closed again.
        using var hangsUp = new TlsListener(theirs, LoopbackTransports.Keys(keys, 1), 2, TimeProvider.System,
            (_, _, _, connection) =>
        {
            connection.Dispose();
            Interlocked.Increment(ref admitted);
        }, _ => { });
        hangsUp.Start();

        await CycleAsync(10);
        LoopbackTransports.Until(() => Volatile.Read(ref admitted) >= 4, "the mesh dials");
        int handles = Handles(), threads = Threads(), before = Volatile.Read(ref admitted);
        await CycleAsync(Inward);
        LoopbackTransports.Until(() => Volatile.Read(ref admitted) >= before + Outward, "the mesh dials again and again");
        LoopbackTransports.Until(() => Handles() < handles + 20, "the handles are closed");
        LoopbackTransports.Until(() => Threads() < threads + 20, "the threads have ended");

        async Task CycleAsync(int cycles)
        {
            for (int cycle = 0; cycle < cycles; cycle++)
            {
                var preamble = new LinkPreamble(cycle % 2 == 0 ? LinkChannel.Control : LinkChannel.Data, (ulong)cycle + 1,
                    (ushort)theirs.Port);
                var (result, connection) = await dialer.DialAsync(preamble, CancellationToken.None)
                    .WaitAsync(LoopbackTransports.Patience);
                Assert.Equal(DialOutcome.Connected, result.Outcome);
                connection!.Dispose();
            }
        }
    }

    static int Handles() => Directory.GetFiles("/proc/self/fd").Length;

    static int Threads()
    {
        using var process = Process.GetCurrentProcess();
        return process.Threads.Count;
    }
}
