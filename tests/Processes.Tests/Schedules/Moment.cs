namespace DecentralizedLion.Processes.Tests.Schedules;

/// <summary>When a deed is done, counted from the deed before it.</summary>
abstract record Moment
{
    /// <summary>After so long.</summary>
    public static Moment Seconds(double seconds) => new SecondsLater(TimeSpan.FromSeconds(seconds));

    /// <summary>When a peer has applied so many steps more than anybody had.</summary>
    public static Moment Steps(string peer, long more) => new StepsLater(peer, more);

    /// <summary>When a peer says something that it had not said yet.</summary>
    public static Moment Says(string peer, string text) => new Said(peer, text);

    /// <summary>When a peer's present process is up and has opened its state.</summary>
    public static Moment IsUp(string peer) => new Up(peer);

    /// <summary>When the others applied a step in a view without the processes that were killed last; at once when these were in none.</summary>
    public static Moment Recovery { get; } = new Recovered();

    /// <summary>When all peers of the roster take part in the same view, and step.</summary>
    public static Moment AllIn { get; } = new Complete();
}

sealed record SecondsLater(TimeSpan Time) : Moment;

sealed record StepsLater(string Peer, long More) : Moment;

sealed record Said(string Peer, string Text) : Moment;

sealed record Up(string Peer) : Moment;

sealed record Recovered : Moment;

sealed record Complete : Moment;
