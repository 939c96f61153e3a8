using System.Globalization;
using System.Runtime.InteropServices;
using DecentralizedLion.Peer.Metrics;

namespace DecentralizedLion.Integration.Tests;

/// <summary>A command of the program in a process. Everything it prints is kept; it never outlives the test.</summary>
sealed partial class PeerProcess : IDisposable
{
    public const int HangUp = 1, Interrupt = 2, User1 = 10, User2 = 12, Terminate = 15, Continue = 18, Stop = 19;

    /// <summary>Far more than anything here takes, for machines that do much else.</summary>
    static readonly TimeSpan patience = TimeSpan.FromSeconds(60);

    readonly IProgram program;
    readonly TimeProvider time;
    readonly List<string> lines = [];
    readonly List<PeerEvent> events = [];
    readonly List<(Stepped Step, long At)> steps = [];
    readonly Task<int> reading;
    TaskCompletionSource changed = New();

    /// <summary>Follows a command of the program.</summary>
    /// <param name="name">What it is called when something is wrong.</param>
    /// <param name="program">The command.</param>
    /// <param name="time">The clock.</param>
    public PeerProcess(string name, IProgram program, TimeProvider time)
    {
        (Name, this.program, this.time) = (name, program, time);
        reading = ReadAll();
    }

    public string Name { get; }

    public int Id => program.Id;

    /// <summary>It said something, an event or else, or ended.</summary>
    public event Action<PeerEvent?>? Changed;

    /// <summary>True when it has ended and all that it said was read.</summary>
    public bool HasEnded { get; private set; }

    /// <summary>Everything it printed but its steps and its links' figures, which come at any moment.</summary>
    public string Text
    {
        get
        {
            lock (lines)
                return string.Join('\n', lines);
        }
    }

    /// <summary>Its events but its steps.</summary>
    public IReadOnlyList<PeerEvent> Events
    {
        get
        {
            lock (lines)
                return [.. events];
        }
    }

    /// <summary>Its steps, with the time stamp of when each was read here.</summary>
    public IReadOnlyList<(Stepped Step, long At)> Steps
    {
        get
        {
            lock (lines)
                return [.. steps];
        }
    }

    /// <summary>Those read after a time stamp.</summary>
    public IReadOnlyList<(Stepped Step, long At)> StepsSince(long at)
    {
        lock (lines)
            return steps[(steps.FindLastIndex(step => step.At <= at) + 1)..];
    }

    /// <summary>The last step that it reported; null: none.</summary>
    public Stepped? Last
    {
        get
        {
            lock (lines)
                return steps.Count == 0 ? null : steps[^1].Step;
        }
    }

    /// <summary>Waits until what was printed fulfils a condition.</summary>
    public async Task Until(string what, Func<PeerProcess, bool> condition)
    {
        using var limit = new CancellationTokenSource(patience);
        while (true)
        {
            Task now;
            lock (lines)
                now = changed.Task;
            if (condition(this))
                return;
            Assert.False(reading.IsCompleted, $"{Name} ended without {what}:\n{Text}");
            try
            {
                await Task.WhenAny(now, reading).WaitAsync(limit.Token);
            }
            catch (OperationCanceledException)
            {
                Assert.Fail($"{Name}: no {what} within {patience}:\n{Text}");
            }
        }
    }

    public Task Step(long step) => Until($"step {step}", p => p.Last?.Step >= step);

    /// <summary>Waits until it prints a text, from some line on.</summary>
    public Task Says(string text, int from = 0) => Until($"\"{text}\"", p => p.Find(text, ref from));

    /// <summary>The number of lines it printed, apart from steps.</summary>
    public int Lines
    {
        get
        {
            lock (lines)
                return lines.Count;
        }
    }

    /// <summary>True when it printed a text, from some line on; those looked at are not looked at again.</summary>
    public bool Find(string text, ref int from)
    {
        lock (lines)
        {
            while (from < lines.Count)
                if (lines[from++].Contains(text, StringComparison.Ordinal))
                    return true;
            return false;
        }
    }

    public void Say(string line) => program.Say(line);

    public void Signal(int signal) => Assert.Equal(0, Kill(program.Id, signal));

    public void Kill() => program.Kill();

    /// <summary>Ends it at once, and waits for all that it said before.</summary>
    public async Task KillAndRead()
    {
        program.Kill();
        await Exit();
    }

    /// <summary>Waits for the end and for everything printed before it.</summary>
    public async Task<int> Exit()
    {
        using var limit = new CancellationTokenSource(patience);
        try
        {
            return await reading.WaitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            Assert.Fail($"{Name} did not end within {patience}:\n{Text}");
            throw;
        }
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

    public void Dispose() => program.Dispose();

    static int ParentOf(int id) => StateOf(id) is { } stat ? int.Parse(stat[1], CultureInfo.InvariantCulture) : 0;

    /// <summary>The fields after the name in /proc/ID/stat (state, parent, …); null when there is no such process.</summary>
    static string[]? StateOf(int id)
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

    async Task<int> ReadAll()
    {
        var code = await program.Read(Take);
        HasEnded = true;
        Changed?.Invoke(null);
        return code;
    }

    void Take(string line)
    {
        TaskCompletionSource last;
        var happened = EventLine.TryRead(line);
        lock (lines)
        {
            if (happened is Stepped step)
                steps.Add((step, time.GetTimestamp()));
            else if (happened is not Links)
                lines.Add(line);
            if (happened is not (null or Stepped))
                events.Add(happened);
            (last, changed) = (changed, New());
        }
        last.SetResult();
        Changed?.Invoke(happened);
    }

    static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int id, int signal);
}
