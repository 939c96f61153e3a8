namespace DecentralizedLion.Peer.Display;

/// <summary>What the display knows of one peer.</summary>
public sealed class PeerRow(string id)
{
    public string Id { get; } = id;
    public string State { get; set; } = PeerState.Starting;
    public long Step { get; set; }

    /// <summary>What it does instead of voting, in its own word; null: it votes, or has not said.</summary>
    public string? Busy { get; set; }

    public double? Loss { get; set; }
    public double? TestLoss { get; set; }
    public double? Accuracy { get; set; }
    public long AccuracyStep { get; set; }
    public int Voters { get; set; }
    public long BytesSent { get; set; }
    public double BitsPerParameter { get; set; }
    public double ComputeSeconds { get; set; }
    public double ExchangeSeconds { get; set; }
    public string Digest { get; set; } = "";

    /// <summary>Whether the peer has said that it ends.</summary>
    public bool Ended { get; set; }

    /// <summary>Whether it is not there to be waited for.</summary>
    public bool IsMissing => State is PeerState.Gone or PeerState.Away or PeerState.Starting or PeerState.Fetching;
}
