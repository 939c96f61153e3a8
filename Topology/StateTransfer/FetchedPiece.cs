namespace DecentralizedLion.Topology.StateTransfer;

/// <summary>A donor's answer, as it came.</summary>
sealed record FetchedPiece(FetchResponse Head, byte[] Bytes);
