using DecentralizedLion.Peer.Metrics;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace DecentralizedLion.Peer.Cli.Display;

/// <summary>A table that repaints itself in a terminal, one row a peer.</summary>
sealed class TableDisplay : IDisplay
{
    /// <summary>Below so many characters of width, columns that say less are left out.</summary>
    const int Wide = 136;

    readonly TaskCompletionSource end = new();
    readonly Task live;
    readonly IAnsiConsole console;
    readonly string title;
    readonly Lock gate = new();
    LiveDisplayContext? context;
    IRenderable latest;

    public TableDisplay(IAnsiConsole console, string title, RunStatus status)
    {
        (this.console, this.title) = (console, title);
        latest = Render(title, status, console.Profile.Width);
        live = console.Live(latest).AutoClear(false).StartAsync(async context =>
        {
            lock (gate)
            {
                this.context = context;
                context.UpdateTarget(latest);
            }
            await end.Task;
        });
    }

    public void Updated(RunStatus status, string peer, PeerEvent happened)
    {
        // Steps come faster than eyes read; ticks repaint.
        if (happened is not Stepped)
            Tick(status);
    }

    public void Tick(RunStatus status)
    {
        var table = Render(title, status, console.Profile.Width);
        lock (gate)
        {
            latest = table;
            context?.UpdateTarget(table);
        }
    }

    public void Dispose()
    {
        end.TrySetResult();
        live.GetAwaiter().GetResult();
    }

    /// <summary>The table of a board, for a terminal of some width in characters.</summary>
    public static IRenderable Render(string title, RunStatus status, int width = int.MaxValue)
    {
        var columns = Columns(width >= Wide, status.IsAgreed ? Style.Plain : new Style(Color.Red));
        var table = new Table().Border(TableBorder.Rounded).Title(Markup.Escape(title));
        foreach (var (name, _) in columns)
        {
            var column = new TableColumn(name).NoWrap();
            table.AddColumn(name is "peer" or "digest" or "state" ? column : column.RightAligned());
        }
        foreach (var row in status.Rows)
            table.AddRow(columns.Select(column => (IRenderable)column.Cell(row)));
        var lines = new List<IRenderable> { table, new Text(Bar(status, width >= Wide)) };
        lines.AddRange(status.Notes.Select(n => new Text(n, new Style(Color.Yellow))));
        return new Rows(lines);
    }

    static List<(string Name, Func<PeerRow, Text> Cell)> Columns(bool wide, Style digest)
    {
        List<(string, Func<PeerRow, Text>)> columns =
        [
            ("peer", r => new Text(r.Id)),
            ("step", r => new Text(Format.Count(r.Step))),
            ("loss", r => new Text(Format.Number(r.Loss))),
            ("test", r => new Text(Format.Percent(r.Accuracy))),
        ];
        if (wide)
            columns.AddRange(
            [
                ("voters", r => new Text($"{r.Voters}")),
                ("sent/step", r => new Text(Format.Bytes(r.BytesSent))),
                ("bits/parameter", r => new Text(Format.Text($"{r.BitsPerParameter:0.00}"))),
            ]);
        columns.AddRange(
        [
            ("compute", r => new Text(Format.Milliseconds(r.ComputeSeconds) + " ms")),
            ("exchange", r => new Text(Format.Milliseconds(r.ExchangeSeconds) + " ms")),
            ("digest", r => new Text(wide ? Format.Digest(r.Digest) : Format.ShortDigest(r.Digest), digest)),
            ("state", r => new Text(r.State)),
        ]);
        return columns;
    }

    static string Bar(RunStatus status, bool wide)
    {
        var width = wide ? 40 : 20;
        var part = status.Steps == 0 ? 0 : (double)status.Step / status.Steps;
        var full = (int)(part * width);
        var bar = $"{new string('█', full)}{new string('░', width - full)} ";
        if (status.Steps == 0)
            return bar + "starting";
        var text = bar + $"step {status.Step} of {status.Steps}, {Format.Duration(status.Left)} to go";
        return !wide ? text
            : text + $", {Format.Count(status.Parameters)} parameters, "
            + Format.Text($"learning rate {status.LearningRate:0.000000}");
    }
}
