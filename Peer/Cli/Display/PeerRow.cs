namespace DecentralizedLion.Peer.Cli.Display;

/// <summary>The row of one peer in the display.</summary>
sealed class PeerRow(string id)
{
    long told;

    public string Id { get; } = id;
    public string State { get; set; } = PeerState.Starting;
    public long Step { get; set; }

    /// <summary>The work that it does instead of voting, in its own word; null: it votes, or has not said.</summary>
    public string? Busy { get; set; }

    public double? Loss { get; set; }
    public double? TestLoss { get; set; }
    public double? Accuracy { get; set; }
    public long AccuracyStep { get; set; }
    public int Voters { get; set; }

    /// <summary>Bytes sent a step, over the steps reported: single ones are what was sent between two of them.</summary>
    public double BytesSent { get; private set; }

    /// <summary>Bits sent a parameter and step, likewise.</summary>
    public double BitsPerParameter { get; private set; }

    public double ComputeSeconds { get; set; }
    public double ExchangeSeconds { get; set; }
    public string Digest { get; set; } = "";

    /// <summary>True when the peer has said that it ends.</summary>
    public bool Ended { get; set; }

    /// <summary>A step was reported.</summary>
    public void Sent(long bytes, double bits)
    {
        told++;
        BytesSent += (bytes - BytesSent) / told;
        BitsPerParameter += (bits - BitsPerParameter) / told;
    }

    /// <summary>True when it is not there to be waited for.</summary>
    public bool IsMissing => State is PeerState.Gone or PeerState.Away or PeerState.Starting or PeerState.Fetching;
}
