using DecentralizedLion.Peer.Metrics;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace DecentralizedLion.Peer.Display;

/// <summary>A table that repaints itself in a terminal, one row a peer.</summary>
public sealed class TableDisplay : IDisplay
{
    static readonly string[] columns =
    [
        "peer", "step", "train loss", "test accuracy", "voters", "sent/step", "bits/parameter", "compute ms", "exchange ms",
        "digest", "",
    ];

    readonly TaskCompletionSource end = new();
    readonly Task live;
    readonly string title;
    readonly Lock gate = new();
    LiveDisplayContext? context;
    IRenderable latest;

    public TableDisplay(IAnsiConsole console, string title, Board board)
    {
        this.title = title;
        latest = Render(title, board);
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

    public void Updated(Board board, string peer, PeerEvent happened)
    {
        // Steps come faster than eyes read; ticks repaint.
        if (happened is not Stepped)
            Tick(board);
    }

    public void Tick(Board board)
    {
        var table = Render(title, board);
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

    /// <summary>The table of a board.</summary>
    public static IRenderable Render(string title, Board board)
    {
        var table = new Table().Border(TableBorder.Rounded).Title(Markup.Escape(title));
        foreach (var name in columns)
        {
            var column = new TableColumn(name).NoWrap();
            table.AddColumn(name is "peer" or "digest" or "" ? column : column.RightAligned());
        }
        var agreed = board.Rows.Where(r => r.Step == board.Step).Select(r => r.Digest).Distinct().Count() <= 1;
        foreach (var row in board.Rows)
            table.AddRow(
                new Text(row.Id), new Text(Show.Count(row.Step)), new Text(Show.Number(row.Loss)),
                new Text(Show.Percent(row.Accuracy)), new Text($"{row.Voters}"), new Text(Show.Bytes(row.BytesSent)),
                new Text(Show.Text($"{row.BitsPerParameter:0.00}")),
                new Text(Show.Milliseconds(row.ComputeSeconds)), new Text(Show.Milliseconds(row.ExchangeSeconds)),
                new Text(Show.Digest(row.Digest), agreed ? Style.Plain : new Style(Color.Red)), new Text(row.State));
        var lines = new List<IRenderable> { table, new Text(Bar(board)) };
        lines.AddRange(board.Notes.Select(n => new Text(n, new Style(Color.Yellow))));
        return new Rows(lines);
    }

    static string Bar(Board board)
    {
        const int width = 40;
        var part = board.Steps == 0 ? 0 : (double)board.Step / board.Steps;
        var full = (int)(part * width);
        return $"{new string('█', full)}{new string('░', width - full)} step {board.Step} of {board.Steps}, "
            + $"{Show.Duration(board.Left)} left, {Show.Count(board.Parameters)} parameters, "
            + Show.Text($"learning rate {board.LearningRate:0.000000}");
    }
}
