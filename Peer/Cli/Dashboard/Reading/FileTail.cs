using DecentralizedLion.Peer.Metrics;

namespace DecentralizedLion.Peer.Cli.Dashboard.Reading;

/// <summary>
/// Reads the lines that are added to a file, each once, in pieces of bounded size. The file may be written, cut off or replaced
/// meanwhile; it is open only while it is read.
/// </summary>
/// <param name="path">The file; it need not be there yet.</param>
/// <param name="buffer">Room to read in, which files that are read one after the other share; see
/// <see cref="NewBuffer"/>.</param>
sealed class FileTail(string path, byte[] buffer)
{
    const int AnchorBytes = 64, PieceBytes = 1 << 16;

    byte[] anchor = [];
    bool skips;

    /// <summary>The file.</summary>
    public string Path { get; } = path;

    /// <summary>Bytes read so far: up to the end of the last whole line.</summary>
    public long Position { get; private set; }

    /// <summary>Bytes of the file when it was last looked at.</summary>
    public long Length { get; private set; }

    /// <summary>Makes room to read in.</summary>
    public static byte[] NewBuffer() => new byte[PieceBytes + BoundedLines.LengthMax];

    /// <summary>Reads some of the lines that are new.</summary>
    /// <param name="bytesMax">About so many bytes at most.</param>
    /// <param name="line">Takes each whole line.</param>
    /// <returns>False when another file is in the place of the one read so far: what it gave is void, and reading begins
    /// anew.</returns>
    public bool TryRead(long bytesMax, LineHandler line)
    {
        if (!File.Exists(Path))
            return Position == 0 || Restart();
        using var stream = new FileStream(Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1);
        Length = stream.Length;
        if (!IsSameFile(stream))
            return Restart();
        stream.Seek(Position, SeekOrigin.Begin);
        var (began, held) = (Position, 0);
        for (long read = 0; read < bytesMax || Position == began;)
        {
            var count = stream.Read(buffer, held, PieceBytes);
            if (count == 0)
                break;
            read += count;
            held = Take(held + count, line);
            if (held <= BoundedLines.LengthMax)
                continue;
            (skips, Position, anchor) = (true, Position + held, []); // no line of ours: its rest is passed over
            break;
        }
        return true;
    }

    /// <summary>Reads lines again, from one on, until told to stop.</summary>
    /// <param name="offset">The first line's first byte.</param>
    /// <param name="line">Takes each line; false ends the reading.</param>
    public void ReadFrom(long offset, Func<ReadOnlySpan<byte>, bool> line)
    {
        if (!File.Exists(Path))
            return;
        using var stream = new FileStream(Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1);
        stream.Seek(offset, SeekOrigin.Begin);
        var held = 0;
        while (stream.Read(buffer, held, PieceBytes) is > 0 and var count)
        {
            held += count;
            var at = 0;
            for (int end; (end = buffer.AsSpan(at, held - at).IndexOf((byte)'\n')) >= 0; at += end + 1)
                if (!line(buffer.AsSpan(at, end)))
                    return;
            buffer.AsSpan(at, held - at).CopyTo(buffer);
            held -= at;
            if (held > BoundedLines.LengthMax)
                return;
        }
    }

    /// <summary>Gives the whole lines at the buffer's beginning away.</summary>
    /// <param name="held">Bytes in the buffer.</param>
    /// <param name="line">Takes each line.</param>
    /// <returns>Bytes that are left, of a line that has no end yet.</returns>
    int Take(int held, LineHandler line)
    {
        var at = 0;
        for (int end; (end = buffer.AsSpan(at, held - at).IndexOf((byte)'\n')) >= 0; at += end + 1)
        {
            if (!skips)
                line(buffer.AsSpan(at, end), Position + at);
            skips = false;
        }
        if (at > 0)
            anchor = buffer.AsSpan(0, at)[^Math.Min(AnchorBytes, at)..].ToArray();
        Position += at;
        buffer.AsSpan(at, held - at).CopyTo(buffer);
        return held - at;
    }

    bool Restart()
    {
        (Position, Length, anchor, skips) = (0, 0, [], false);
        return false;
    }

    /// <summary>True when the bytes before the position are still those that were read: digests and times differ in any other
    /// file.</summary>
    bool IsSameFile(FileStream stream)
    {
        if (stream.Length < Position)
            return false;
        Span<byte> now = stackalloc byte[anchor.Length];
        stream.Seek(Position - anchor.Length, SeekOrigin.Begin);
        return stream.ReadAtLeast(now, now.Length, throwOnEndOfStream: false) == now.Length && now.SequenceEqual(anchor);
    }
}
