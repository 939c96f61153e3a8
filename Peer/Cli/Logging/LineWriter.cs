using System.Text;

namespace DecentralizedLion.Peer.Cli.Logging;

/// <summary>A text output that hands on whole lines that are not empty.</summary>
/// <param name="take">Takes each line.</param>
sealed class LineWriter(Action<string> take) : TextWriter
{
    readonly StringBuilder line = new();

    public override Encoding Encoding => Encoding.UTF8;

    public override void Write(char value)
    {
        if (value == '\r')
            return;
        if (value != '\n')
        {
            line.Append(value);
            return;
        }
        var text = line.ToString().TrimEnd();
        line.Clear();
        if (text.Length > 0)
            take(text);
    }
}
