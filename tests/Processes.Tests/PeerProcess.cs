using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using DecentralizedLion.Peer.Demo;
using DecentralizedLion.Peer.Metrics;

namespace DecentralizedLion.Processes.Tests;

/// <summary>The program in a process of its own. Everything it prints is kept; it never outlives the test.</summary>
sealed partial class PeerProcess : IDisposable
{
    public const int Interrupt = 2, Terminate = 15;

    /// <summary>Far more than anything here takes, for machines that do much else.</summary>
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly List<string> _lines = [];
    private readonly Task _reading;
    private TaskCompletionSource _changed = New();

    private PeerProcess(string name, Process process)
    {
        (Name, _process) = (name, process);
        _reading = Task.WhenAll(Read(process.StandardOutput), Read(process.StandardError));
    }

    public string Name { get; }

    public int Id => _process.Id;

    public static PeerProcess Start(string name, params IReadOnlyList<string> arguments)
    {
        var launch = new ChildLaunch("dotnet", [Path.Combine(AppContext.BaseDirectory, "peer.dll")]);
        var start = launch.With(arguments, threads: 1);
        // A test runner's own settings are not the program's.
        foreach (var variable in new[] { "RANK", "SLURM_PROCID", "DOTNET_STARTUP_HOOKS" })
            start.Environment.Remove(variable);
        return new PeerProcess(name, Process.Start(start) ?? throw new InvalidOperationException("dotnet did not start"));
    }

    public string Text
    {
        get
        {
            lock (_lines)
                return string.Join('\n', _lines);
        }
    }

    public IReadOnlyList<PeerEvent> Events
    {
        get
        {
            lock (_lines)
                return [.. _lines.Select(EventLine.TryRead).OfType<PeerEvent>()];
        }
    }

    /// <summary>Waits until what was printed fulfils a condition.</summary>
    public async Task Until(string what, Func<PeerProcess, bool> condition)
    {
        using var limit = new CancellationTokenSource(_patience);
        while (true)
        {
            Task changed;
            lock (_lines)
                changed = _changed.Task;
            if (condition(this))
                return;
            Assert.False(_reading.IsCompleted, $"{Name} ended without {what}:\n{Text}");
            try
            {
                await Task.WhenAny(changed, _reading).WaitAsync(limit.Token);
            }
            catch (OperationCanceledException)
            {
                Assert.Fail($"{Name}: no {what} within {_patience}:\n{Text}");
            }
        }
    }

    public Task Step(long step) => Until($"step {step}", p => p.Events.OfType<Stepped>().Any(e => e.Step >= step));

    public Task Says(string text) => Until($"\"{text}\"", p => p.Text.Contains(text, StringComparison.Ordinal));

    public void Say(string line)
    {
        _process.StandardInput.WriteLine(line);
        _process.StandardInput.Flush();
    }

    public void Signal(int signal) => Assert.Equal(0, Kill(_process.Id, signal));

    public void Kill() => _process.Kill();

    /// <summary>Waits for the end and for everything printed before it.</summary>
    public async Task<int> Exit()
    {
        using var limit = new CancellationTokenSource(_patience);
        try
        {
            await _process.WaitForExitAsync(limit.Token);
            await _reading.WaitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            Assert.Fail($"{Name} did not end within {_patience}:\n{Text}");
        }
        return _process.ExitCode;
    }

    public async Task Exits(int code)
    {
        var found = await Exit();
        Assert.True(code == found, $"{Name} ended with code {found} instead of {code}:\n{Text}");
    }

    /// <summary>The processes that this one started and that are there now.</summary>
    public IReadOnlyList<int> Children() => [.. Directory.EnumerateDirectories("/proc")
        .Select(Path.GetFileName).Where(name => name!.All(char.IsAsciiDigit))
        .Select(name => int.Parse(name!, CultureInfo.InvariantCulture)).Where(id => ParentOf(id) == Id)];

    public static bool IsAlive(int id) => StateOf(id) is { } stat && stat[0] != "Z";

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        _process.Dispose();
    }

    private static int ParentOf(int id) => StateOf(id) is { } stat ? int.Parse(stat[1], CultureInfo.InvariantCulture) : 0;

    /// <summary>What follows the name in /proc/ID/stat (state, parent, …); null when there is no such process.</summary>
    private static string[]? StateOf(int id)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{id}/stat");
            return stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        }
        catch (IOException)
        {
            return null; // it ended
        }
    }

    private async Task Read(StreamReader stream)
    {
        while (await stream.ReadLineAsync() is { } line)
        {
            TaskCompletionSource changed;
            lock (_lines)
            {
                _lines.Add(line);
                (changed, _changed) = (_changed, New());
            }
            changed.SetResult();
        }
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int id, int signal);
}
