namespace DecentralizedLion.Topology.Commit;

/// <summary>Where a member writes what the ring decided. A record is there before the member says that it holds the step.</summary>
public interface IJournal
{
    /// <summary>Writes a record so that it survives the process; to survive a power cut it may take up to a second longer.</summary>
    /// <exception cref="IOException">It cannot be written; the member must not hold the step.</exception>
    void Append(StepRecord record);
}
