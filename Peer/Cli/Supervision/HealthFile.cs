namespace DecentralizedLion.Peer.Cli.Supervision;

/// <summary>The file that a health check looks at: its time is that of the last sign of life, its content what the peer
/// does.</summary>
sealed class HealthFile
{
    readonly string path;

    /// <exception cref="UsageException">It cannot be written.</exception>
    public HealthFile(string path)
    {
        this.path = path;
        try
        {
            File.Delete(path); // an earlier process's is no sign of this one's life
            File.WriteAllText(path, "");
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new UsageException($"--health-file: found \"{path}\", which cannot be written: {e.Message}");
        }
    }

    /// <summary>Shows a sign of life. A failure shows as a file that gets old, which is what it is for.</summary>
    public void Write(string status)
    {
        try
        {
            File.WriteAllText(path, status + "\n");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The check then fails, and says so to whom it concerns.
        }
    }

    /// <summary>Takes the file away: the peer has ended in order.</summary>
    public void Delete()
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It gets old.
        }
    }
}
