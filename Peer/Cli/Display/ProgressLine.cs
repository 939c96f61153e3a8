namespace DecentralizedLion.Peer.Cli.Display;

/// <summary>
/// How far long work is and about how much longer it takes: in a terminal one line that is written over, elsewhere a line now and
/// then. Work that is done within two seconds has none. It goes to standard error, so that results can be piped on.
/// </summary>
/// <param name="output">Takes the line.</param>
/// <param name="width">The characters in a line of the terminal; null where it is no terminal.</param>
/// <param name="time">The clock.</param>
sealed class ProgressLine(TextWriter output, int? width, TimeProvider time) : IDisposable
{
    static readonly TimeSpan delay = TimeSpan.FromSeconds(2), repaint = TimeSpan.FromSeconds(0.25),
        betweenLines = TimeSpan.FromSeconds(10);

    readonly Lock gate = new();
    long began = time.GetTimestamp();
    long? shownAt;
    int shown;

    /// <summary>On standard error.</summary>
    public static ProgressLine OfConsole(TimeProvider time) =>
        new(Console.Error, Console.IsErrorRedirected ? null : Console.WindowWidth is > 0 and var width ? width : 80, time);

    /// <summary>Begins with other work, whose pace may be another.</summary>
    public void Restart()
    {
        lock (gate)
            began = time.GetTimestamp();
    }

    /// <summary>Says how far it is. It may be called as often as one likes, by any thread.</summary>
    /// <param name="part">The share that is done, 0 … 1.</param>
    /// <param name="text">What is done: 3 of 40 runs.</param>
    public void Report(double part, FormattableString text)
    {
        lock (gate)
        {
            var elapsed = time.GetElapsedTime(began);
            if (elapsed < delay || (shownAt is { } at && time.GetElapsedTime(at) < (width is null ? betweenLines : repaint)))
                return;
            shownAt = time.GetTimestamp();
            TimeSpan? left = part > 0 ? elapsed * ((1 - Math.Min(part, 1)) / part) : null;
            Show($"{Format.Percent(part)}  {Format.Text(text)}, {Format.Duration(left)} left");
        }
    }

    /// <summary>Writes something else, such as a result to the same terminal, where the line is not in its way.</summary>
    public void Around(Action write)
    {
        lock (gate)
        {
            Clear();
            write();
        }
    }

    /// <summary>Takes the line away.</summary>
    public void Dispose()
    {
        lock (gate)
            Clear();
    }

    void Show(string line)
    {
        if (width is not { } columns)
        {
            output.WriteLine(line);
            return;
        }
        if (line.Length >= columns) // a longer one would not be written over
            line = line[..Math.Max(0, columns - 1)];
        output.Write($"\r{line.PadRight(shown)}");
        output.Flush();
        shown = line.Length;
    }

    void Clear()
    {
        if (shown == 0)
            return;
        output.Write($"\r{new string(' ', shown)}\r");
        output.Flush();
        shown = 0;
    }
}
