using System.Net;
using System.Net.Sockets;

namespace DecentralizedLion.Topology.Transport;

/// <summary>
/// Looks up host names with a time limit, on threads of its own: the system's look-up cannot be cancelled, and where no name
/// server answers it may block for minutes. At most one look-up of a name is under way.
/// </summary>
/// <param name="lookUp">The look-up, which may block; a <see cref="SocketException"/> says that there is no such name.</param>
/// <param name="clock">The clock of the time limit.</param>
sealed class NameResolver(Func<string, IPAddress[]> lookUp, TimeProvider clock)
{
    static readonly TimeSpan limit = TimeSpan.FromSeconds(3);

    readonly Dictionary<string, Task<IPAddress[]>> running = [];

    /// <summary>The resolver of the system.</summary>
    public NameResolver(TimeProvider clock)
        : this(Dns.GetHostAddresses, clock)
    {
    }

    /// <summary>The addresses of a host in the order in which to try them; an address is its own and needs no look-up.</summary>
    /// <exception cref="SocketException">There is no such name.</exception>
    /// <exception cref="TimeoutException">No name server answered in time.</exception>
    public async Task<IPAddress[]> ResolveAsync(string host, CancellationToken stop)
    {
        if (IPAddress.TryParse(host, out IPAddress? address))
            return [address];
        Task<IPAddress[]> task;
        lock (running)
        {
            if (!running.TryGetValue(host, out task!))
            {
                task = Task.Factory.StartNew(() => LookUp(host), CancellationToken.None, TaskCreationOptions.LongRunning,
                    TaskScheduler.Default);
                // Everybody may have given up waiting when it fails.
                _ = task.ContinueWith(static late => _ = late.Exception, CancellationToken.None,
                    TaskContinuationOptions.OnlyOnFaulted
                    | TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
                running[host] = task;
            }
        }
        IPAddress[] found = await task.WaitAsync(limit, clock, stop);
        return found.Length > 0 ? found : throw new SocketException((int)SocketError.HostNotFound);
    }

    IPAddress[] LookUp(string host)
    {
        try
        {
            return lookUp(host);
        }
        catch (ArgumentException)
        {
            throw new SocketException((int)SocketError.HostNotFound); // no name at all, such as one that is too long
        }
        finally
        {
            lock (running)
                running.Remove(host);
        }
    }
}
