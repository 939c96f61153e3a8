using System.Collections.Concurrent;
using System.Text.Json;
using DecentralizedLion.Peer.Cli;

namespace DecentralizedLion.Integration.Tests.Pool;

/// <summary>
/// The far side of a <see cref="PooledProcess"/>: runs the program's commands one after the other, each through the program's own
/// entry point, so that they share one start of .NET and libtorch.
/// </summary>
static class PooledProgram
{
    /// <summary>The argument with which this project's program is one.</summary>
    public const string Command = "pooled";

    /// <summary>Begins the line that starts a command; its arguments follow as a JSON array. Other lines are the running
    /// command's input.</summary>
    public const string Start = "\u0001start ";

    /// <summary>Begins the line that ends a command's output, on both streams; its exit code follows.</summary>
    public const string Ended = "\u0001ended ";

    /// <summary>Runs until the standard input ends.</summary>
    public static int Run()
    {
        var program = typeof(CommandLine).Assembly.EntryPoint
            ?? throw new InvalidOperationException("the program has no entry point");
        using var commands = new BlockingCollection<(string[] Arguments, CommandInput Input)>();
        var input = Console.In;
        new Thread(() => Read(input, commands)) { IsBackground = true, Name = "input" }.Start();
        foreach (var (arguments, own) in commands.GetConsumingEnumerable())
        {
            Console.SetIn(own);
            var code = (int)program.Invoke(null, [arguments])!;
            own.Close();
            Console.Error.WriteLine($"{Ended}{code}");
            Console.Out.WriteLine($"{Ended}{code}");
        }
        return 0;
    }

    static void Read(TextReader input, BlockingCollection<(string[] Arguments, CommandInput Input)> commands)
    {
        CommandInput? current = null;
        while (input.ReadLine() is { } line)
        {
            if (!line.StartsWith(Start, StringComparison.Ordinal))
            {
                current?.Add(line);
                continue;
            }
            current = new CommandInput();
            commands.Add((JsonSerializer.Deserialize<string[]>(line[Start.Length..])!, current));
        }
        current?.Close();
        commands.CompleteAdding();
    }
}
