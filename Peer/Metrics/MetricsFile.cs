using System.Buffers;
using System.Text.Json;
using DecentralizedLion.Peer.Checkpoints;

namespace DecentralizedLion.Peer.Metrics;

/// <summary>
/// A peer's metrics: one event a line, flushed with every line. A resumed run appends, after cutting off a last line that a crash
/// left unfinished.
/// </summary>
sealed class MetricsFile : IDisposable
{
    readonly FileStream stream;
    readonly ArrayBufferWriter<byte> line = new(1024);
    readonly Utf8JsonWriter json;

    public MetricsFile(string path)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
            stream = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);
            stream.SetLength(EndOfLastLine(stream));
            stream.Seek(0, SeekOrigin.End);
            json = new Utf8JsonWriter(line, EventLine.WriterOptions);
        }
        catch (Exception e) when (DiskFault.Is(e))
        {
            stream?.Dispose();
            throw DiskFault.Of(path, e);
        }
    }

    /// <exception cref="IOException">It cannot be written; the message names the file and what to do.</exception>
    public void Write(PeerEvent happened)
    {
        try
        {
            line.ResetWrittenCount();
            json.Reset();
            EventLine.Write(happened, json);
            line.Write("\n"u8);
            stream.Write(line.WrittenSpan);
            stream.Flush();
        }
        catch (Exception e) when (DiskFault.Is(e))
        {
            throw DiskFault.Of(stream.Name, e);
        }
    }

    public void Dispose()
    {
        json.Dispose();
        stream.Dispose();
    }

    static long EndOfLastLine(FileStream stream)
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
