using System.Runtime.CompilerServices;
using NetMQ;

// Rings of a few peers on loopback wait more than they compute.
[assembly: CollectionBehavior(MaxParallelThreads = 4)]

namespace DecentralizedLion.Peer.Tests;

/// <summary>Room for the sockets of several peers: a process usually has one, and ZeroMQ's limit is the process's.</summary>
static class Setup
{
    [ModuleInitializer]
    internal static void ManySockets() => NetMQConfig.MaxSockets = 1 << 13;
}
