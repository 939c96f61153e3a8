using System.Globalization;
using System.Net.Sockets;
using Microsoft.Extensions.Hosting.Systemd;

namespace DecentralizedLion.Peer.Cli.Supervision;

/// <summary>The service manager that started this process, systemd or one that speaks its protocol: it is told over the socket
/// that NOTIFY_SOCKET names. Without one, nothing is sent.</summary>
/// <param name="environment">The environment variables.</param>
sealed class ServiceManager(Func<string, string?> environment)
{
    readonly SystemdNotifier notifier = new();
    string status = "";

    /// <summary>True when there is one.</summary>
    public bool IsPresent => notifier.IsEnabled;

    /// <summary>The time without a sign of life after which it ends this process; null for none.</summary>
    public TimeSpan? WatchdogTimeout =>
        IsPresent && IsForThisProcess && long.TryParse(environment("WATCHDOG_USEC"), NumberStyles.None,
            CultureInfo.InvariantCulture, out var microseconds) && microseconds > 0
            ? TimeSpan.FromMicroseconds(microseconds) : null;

    /// <summary>Says that this peer has its state and takes part.</summary>
    public void SendReady() => Send("READY=1");

    /// <summary>Says that this peer leaves.</summary>
    public void SendStopping() => Send("STOPPING=1");

    /// <summary>Shows a sign of life, and what the peer does when that is something else than before.</summary>
    public void SendAlive(string status)
    {
        if (WatchdogTimeout is not null)
            Send("WATCHDOG=1");
        if (status != this.status)
            Send($"STATUS={(this.status = status).ReplaceLineEndings(" ")}");
    }

    bool IsForThisProcess => environment("WATCHDOG_PID") is not { Length: > 0 } process
        || process == Environment.ProcessId.ToString(CultureInfo.InvariantCulture);

    void Send(string state)
    {
        try
        {
            notifier.Notify(new ServiceState(state));
        }
        catch (SocketException)
        {
            // Training does not depend on who watches it; a watchdog that hears nothing acts by itself.
        }
    }
}
