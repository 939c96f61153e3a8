using System.Diagnostics;
using NetMQ.Sockets;

namespace DecentralizedLion.StandIns.Tests.NetMQ;

/// <summary>A PUSH and a PULL on a free port of loopback, and bounded waits.</summary>
sealed class Loopback : IDisposable
{
    /// <summary>Long enough for a loaded machine; nothing here waits for it when all is well.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>Long enough for a frame that will come on loopback, where none must.</summary>
    public static readonly TimeSpan Silence = TimeSpan.FromMilliseconds(700);

    public Loopback(Action<PushSocket>? push = null, Action<PullSocket>? pull = null)
    {
        pull?.Invoke(Pull);
        push?.Invoke(Push);
        Port = Pull.BindRandomPort("tcp://127.0.0.1");
        Push.Connect(Address);
    }

    public PushSocket Push { get; } = new();

    public PullSocket Pull { get; } = new();

    public int Port { get; }

    public string Address => $"tcp://127.0.0.1:{Port}";

    /// <summary>Tries until it succeeds or patience ends; <paramref name="attempt"/> itself waits a little.</summary>
    public static bool Eventually(Func<bool> attempt)
    {
        var clock = Stopwatch.StartNew();
        while (clock.Elapsed < Patience)
            if (attempt())
                return true;
        return false;
    }

    public void Dispose()
    {
        Push.Dispose();
        Pull.Dispose();
    }
}
