using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace DecentralizedLion.Integration.Tests.Intruder;

/// <summary>The intruder of intruder.py in a process of its own. It never outlives the test.</summary>
sealed class IntruderProcess : IDisposable
{
    static readonly TimeSpan patience = TimeSpan.FromSeconds(90);

    readonly Process process;
    readonly List<JsonObject> done = [];

    IntruderProcess(Process process) => this.process = process;

    /// <summary>The actions so far, each with its figures.</summary>
    public IReadOnlyList<JsonObject> Done => done;

    /// <summary>Starts it; its wire stands when this returns.</summary>
    /// <param name="plan">See the script.</param>
    /// <param name="folder">Where the plan is put.</param>
    public static async Task<IntruderProcess> Start(JsonObject plan, string folder)
    {
        var file = Path.Combine(folder, "intruder.json");
        await File.WriteAllTextAsync(file, plan.ToJsonString());
        var start = new ProcessStartInfo(Requirement.PythonProgram,
            [Path.Combine(AppContext.BaseDirectory, "Intruder", "intruder.py"), file])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        var intruder = new IntruderProcess(Process.Start(start)!);
        await intruder.Await("ready");
        return intruder;
    }

    /// <summary>Lets it do its deeds, and waits for the end of each.</summary>
    public async Task DoAll()
    {
        await process.StandardInput.WriteLineAsync();
        await process.StandardInput.FlushAsync();
        await Await("done");
    }

    public void Dispose()
    {
        if (!process.HasExited)
            process.Kill();
        process.Dispose();
    }

    async Task Await(string deed)
    {
        using var limit = new CancellationTokenSource(patience);
        while (await process.StandardOutput.ReadLineAsync(limit.Token) is { } line)
        {
            var said = JsonSerializer.Deserialize<JsonObject>(line)!;
            done.Add(said);
            if (said["deed"]!.GetValue<string>() == deed)
                return;
        }
        await process.WaitForExitAsync(limit.Token);
        var why = await process.StandardError.ReadToEndAsync(limit.Token);
        Assert.Fail($"the intruder ended with code {process.ExitCode} before \"{deed}\": {why}");
    }
}
