using System.Text;
using DecentralizedLion.Peer.Checkpoints;

namespace DecentralizedLion.Peer.Cli.Display;

/// <summary>A command's standard output. Its errors say that it is the output which cannot be written, and what to do.</summary>
/// <param name="console">The console's writer.</param>
sealed class StandardOutput(TextWriter console) : TextWriter
{
    /// <summary>The output's name in messages.</summary>
    public const string Name = "standard output";

    public override Encoding Encoding => console.Encoding;

    public override void Write(char value) => Try(() => console.Write(value));

    public override void Write(string? value) => Try(() => console.Write(value));

    public override void Write(char[] buffer, int index, int count) => Try(() => console.Write(buffer, index, count));

    public override void Write(ReadOnlySpan<char> buffer) => Write(buffer.ToString());

    // In one piece, so that several programs on one terminal do not mix their lines.
    public override void WriteLine() => Try(console.WriteLine);

    public override void WriteLine(string? value) => Try(() => console.WriteLine(value));

    public override void Flush() => Try(console.Flush);

    /// <summary>An error of the output with its name, and what to do where it is a file on a full disk.</summary>
    public static IOException Fault(IOException e) => DiskFault.IsFull(e) ? DiskFault.Of(Name, e)
        : new IOException($"{Name} cannot be written: {e.Message}", e) { HResult = e.HResult };

    static void Try(Action write)
    {
        try
        {
            write();
        }
        catch (IOException e)
        {
            throw Fault(e);
        }
    }
}
