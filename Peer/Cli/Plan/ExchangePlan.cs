namespace DecentralizedLion.Peer.Cli.Plan;

/// <summary>One exchange's costs, for each peer.</summary>
/// <param name="Exchange">ring or direct.</param>
/// <param name="IsPlanned">Whether peers.json says this method and exchange, or says auto and auto comes to it.</param>
/// <param name="BitsPerParameter">Bits sent per parameter and step.</param>
/// <param name="BytesPerStep">Bytes sent in a step, with frames.</param>
/// <param name="SecondsPerStep">How long the exchange takes.</param>
/// <param name="ShareOfStep">The exchange's share of a step; null where the gradient's time is not known.</param>
/// <param name="StepsPerHour">Steps an hour.</param>
/// <param name="JournalBytesPerHour">What the journal grows by.</param>
sealed record ExchangePlan(string Exchange, bool IsPlanned, double BitsPerParameter, double BytesPerStep,
    double SecondsPerStep, double? ShareOfStep, double StepsPerHour, double JournalBytesPerHour);
