using System.Text;

namespace DecentralizedLion.Peer.Cli.Display;

/// <summary>
/// An output whose failure ends nothing: training goes on when what shows it is gone, or the disk behind it is full. The first
/// failure is told elsewhere, once.
/// </summary>
/// <param name="output">The output.</param>
/// <param name="failed">Takes the reason of the first failure.</param>
sealed class LenientOutput(TextWriter output, Action<string> failed) : TextWriter
{
    readonly Lock gate = new();
    bool hasFailed;

    public override Encoding Encoding => output.Encoding;

    /// <summary>The standard output, whose failure is told on the standard error.</summary>
    public static LenientOutput OfConsole() => new(Console.Out, reason =>
    {
        try
        {
            Console.Error.WriteLine($"the standard output cannot be written ({reason}); training continues without it, and "
                + "metrics.jsonl in the peer's folder has all events");
        }
        catch (Exception e) when (IsFailure(e))
        {
            // There is nobody to tell.
        }
    });

    public override void Write(char value) => Try(() => output.Write(value));

    public override void Write(string? value) => Try(() => output.Write(value));

    public override void Write(char[] buffer, int index, int count) => Try(() => output.Write(buffer, index, count));

    public override void WriteLine() => Try(output.WriteLine);

    public override void WriteLine(string? value) => Try(() => output.WriteLine(value));

    public override void Flush() => Try(output.Flush);

    void Try(Action write)
    {
        try
        {
            write();
        }
        catch (Exception e) when (IsFailure(e))
        {
            lock (gate)
            {
                if (hasFailed)
                    return;
                hasFailed = true;
            }
            failed((e.InnerException ?? e).Message); // the system's reason: StandardOutput puts its name before it
        }
    }

    static bool IsFailure(Exception e) => e is IOException or UnauthorizedAccessException or ObjectDisposedException;
}
