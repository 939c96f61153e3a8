using System.Runtime.CompilerServices;
using DecentralizedLion.Topology.Transport;

namespace DecentralizedLion.Topology.Tests.Transport;

/// <summary>NetMQ's limits are those of a process's first socket, and in the tests that may be one of a test.</summary>
static class FirstSocket
{
    [ModuleInitializer]
    internal static void SetLimits() => RuntimeHelpers.RunClassConstructor(typeof(ZeroMqTransport).TypeHandle);
}
