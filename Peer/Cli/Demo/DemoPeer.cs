using System.Diagnostics;
using System.Threading.Channels;

namespace DecentralizedLion.Peer.Cli.Demo;

/// <summary>A peer of the demo, over as many processes as it takes.</summary>
/// <param name="id">Its id.</param>
/// <param name="first">How its first process is started.</param>
/// <param name="again">How the processes after it are started; they go on from what the first left in its folder.</param>
sealed class DemoPeer(string id, ProcessStartInfo first, ProcessStartInfo again)
{
    readonly Queue<long> faults = new();
    long due;

    public string Id { get; } = id;

    /// <summary>The latest process; null before there is one.</summary>
    public ChildPeer? Child { get; private set; }

    /// <summary>True when <see cref="Child"/> has not ended yet.</summary>
    public bool IsRunning { get; private set; }

    /// <summary>True when another process is to be started.</summary>
    public bool IsAwaited { get; private set; }

    public void Start(ChannelWriter<ChildReport> reports)
    {
        Child = ChildPeer.Start(Id, Child is null ? first : again, reports);
        (IsRunning, IsAwaited) = (true, false);
    }

    /// <summary>The process has ended.</summary>
    public void Ended()
    {
        IsRunning = false;
        Child!.Dispose();
    }

    /// <summary>Lets <see cref="IsDue"/> become true at a time stamp.</summary>
    public void StartAt(long timestamp) => (due, IsAwaited) = (timestamp, true);

    public bool IsDue(long now) => IsAwaited && now >= due;

    /// <summary>Asks the process to leave in order; no other is started after it.</summary>
    public void Leave()
    {
        IsAwaited = false;
        if (IsRunning)
            Child!.Leave();
    }

    /// <summary>Counts an end that was the process's own fault.</summary>
    /// <returns>How many there were since a time stamp, this one included.</returns>
    public int CountFault(long now, long since)
    {
        faults.Enqueue(now);
        while (faults.Peek() < since)
            faults.Dequeue();
        return faults.Count;
    }
}
