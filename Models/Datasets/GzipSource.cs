namespace DecentralizedLion.Models.Datasets;

/// <summary>A gzip file as the stream that an inflater reads. It remembers where the last piece read begins, and whether the
/// inflater asked for more than the file has.</summary>
sealed class GzipSource(FileStream file) : Stream
{
    /// <summary>The place in the file of the piece that was read last.</summary>
    public long LastBegin { get; private set; }

    /// <summary>True when more was asked for than there is.</summary>
    public bool IsExhausted { get; private set; }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => file.Length;

    public override long Position { get => file.Position; set => throw new NotSupportedException(); }

    /// <summary>Begins to read from where the file is.</summary>
    public void Restart() => (LastBegin, IsExhausted) = (file.Position, false);

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        var begin = file.Position;
        var read = file.Read(buffer);
        if (read > 0)
            LastBegin = begin;
        else
            IsExhausted = true;
        return read;
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
