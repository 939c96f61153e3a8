using System.Net.Sockets;
using System.Runtime.InteropServices;
using NetMQ.Interop;

namespace NetMQ;

public sealed partial class NetMQPoller
{
    readonly List<NetMQTimer> firing = [];
    Zmq.PollItem[] items = new Zmq.PollItem[8];
    object[] polled = new object[8];

    void Loop()
    {
        while (!stopRequested)
        {
            int count = Gather();
            Wait(count);
            if (items[0].Returned != 0)
                wake.Reset();
            CallSockets(count);
            CallTimers();
            CallQueue();
        }
    }

    /// <summary>What to wait for now: handlers, sockets and timers may have changed since the last time.</summary>
    int Gather()
    {
        sockets.RemoveAll(s => s.IsDisposed);
        int most = 1 + sockets.Count + plainSockets.Count;
        if (items.Length < most)
        {
            items = new Zmq.PollItem[2 * most];
            polled = new object[2 * most];
        }

        items[0] = new Zmq.PollItem { Descriptor = wake.Descriptor, Events = Zmq.PollIn };
        int count = 1;
        foreach (NetMQSocket socket in sockets)
        {
            PollEvents events = socket.AwaitedEvents;
            if (events == PollEvents.None)
                continue;
            items[count] = new Zmq.PollItem { Socket = socket.Handle, Events = (short)events };
            polled[count++] = socket;
        }

        foreach ((Socket socket, _) in plainSockets)
        {
            items[count] = new Zmq.PollItem { Descriptor = (int)socket.Handle, Events = Zmq.PollIn };
            polled[count++] = socket;
        }

        return count;
    }

    unsafe void Wait(int count)
    {
        long timeout = queue.IsEmpty && !stopRequested ? -1 : 0;
        long now = Environment.TickCount64;
        foreach (NetMQTimer timer in timers)
        {
            long wait = timer.Wait(now);
            if (wait >= 0 && (timeout < 0 || wait < timeout))
                timeout = wait;
        }

        fixed (Zmq.PollItem* first = items)
        {
            if (Zmq.Poll(first, count, timeout) != -1)
                return;
            if (Marshal.GetLastPInvokeError() != Errors.Interrupted)
                throw Zmq.Error("waiting for sockets");
        }

        for (int i = 0; i < count; i++)
            items[i].Returned = 0;
    }

    void CallSockets(int count)
    {
        for (int i = 1; i < count && !stopRequested; i++)
        {
            short returned = items[i].Returned;
            if (returned == 0)
                continue;
            if (polled[i] is NetMQSocket socket)
            {
                // A handler before it may have removed or closed this one.
                if (!socket.IsDisposed && sockets.Contains(socket))
                    socket.InvokeHandlers((PollEvents)returned);
            }
            else
            {
                (Socket plain, Action<Socket> callback) = plainSockets.Find(p => p.Socket == polled[i]);
                if (plain != null)
                    callback(plain);
            }
        }

        Array.Clear(polled, 0, count);
    }

    void CallTimers()
    {
        if (timers.Count == 0)
            return;
        long now = Environment.TickCount64;
        firing.Clear();
        firing.AddRange(timers);
        foreach (NetMQTimer timer in firing)
            if (!stopRequested && timers.Contains(timer))
                timer.FireIfDue(now);
    }

    /// <summary>What was queued by now, so that tasks that queue tasks do not starve the sockets.</summary>
    void CallQueue()
    {
        for (int left = queue.Count; left > 0 && !stopRequested && queue.TryDequeue(out Work work); left--)
        {
            if (work.Task != null)
                TryExecuteTask(work.Task);
            else
                work.Callback(work.State);
        }
    }
}
