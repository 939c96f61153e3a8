using System.Text;

namespace DecentralizedLion.Peer.Metrics;

/// <summary>
/// A peer's metrics: one event a line, flushed with every line. A resumed run appends, after cutting off a last line that a crash
/// left unfinished.
/// </summary>
public sealed class MetricsFile : IDisposable
{
    private readonly FileStream _stream;

    public MetricsFile(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        _stream = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);
        _stream.SetLength(EndOfLastLine(_stream));
        _stream.Seek(0, SeekOrigin.End);
    }

    public void Write(PeerEvent happened)
    {
        _stream.Write(Encoding.UTF8.GetBytes(EventLine.Write(happened) + "\n"));
        _stream.Flush();
    }

    public void Dispose() => _stream.Dispose();

    private static long EndOfLastLine(FileStream stream)
    {
        var buffer = new byte[4096];
        for (var end = stream.Length; end > 0;)
        {
            var begin = Math.Max(0, end - buffer.Length);
            stream.Seek(begin, SeekOrigin.Begin);
            stream.ReadExactly(buffer, 0, (int)(end - begin));
            var last = buffer.AsSpan(0, (int)(end - begin)).LastIndexOf((byte)'\n');
            if (last >= 0)
                return begin + last + 1;
            end = begin;
        }
        return 0;
    }
}
