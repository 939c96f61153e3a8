using System.Threading.Channels;

namespace DecentralizedLion.Integration.Tests.Pool;

/// <summary>The standard input of one command of a process that runs several; it ends when the command does.</summary>
sealed class CommandInput : TextReader
{
    readonly Channel<string> lines = Channel.CreateUnbounded<string>();

    public void Add(string line) => lines.Writer.TryWrite(line);

    public override void Close() => lines.Writer.TryComplete();

    public override string? ReadLine()
    {
        while (lines.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
            if (lines.Reader.TryRead(out var line))
                return line;
        return null;
    }
}
