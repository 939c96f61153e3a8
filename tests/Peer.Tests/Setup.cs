using System.Runtime.CompilerServices;
using NetMQ;

namespace DecentralizedLion.Peer.Tests;

/// <summary>Room for the sockets of several peers: a process usually has one, and ZeroMQ's limit is the process's.</summary>
static class Setup
{
    [ModuleInitializer]
    internal static void ManySockets() => NetMQConfig.MaxSockets = 1 << 13;
}
