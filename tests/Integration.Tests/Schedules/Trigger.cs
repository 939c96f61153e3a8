namespace DecentralizedLion.Integration.Tests.Schedules;

/// <summary>The condition for an action, counted from the action before it.</summary>
abstract record Trigger
{
    /// <summary>After so long.</summary>
    public static Trigger Seconds(double seconds) => new SecondsLater(TimeSpan.FromSeconds(seconds));

    /// <summary>Due when a peer has applied so many steps more than anybody had.</summary>
    public static Trigger Steps(string peer, long more) => new StepsLater(peer, more);

    /// <summary>Due when a peer prints a text that it had not printed yet.</summary>
    public static Trigger Says(string peer, string text) => new Said(peer, text);

    /// <summary>Due when a peer's present process is up and has opened its state.</summary>
    public static Trigger IsUp(string peer) => new Up(peer);

    /// <summary>Due when the others applied a step in a view without the processes that were killed last; at once when these were
    /// in none.</summary>
    public static Trigger Recovery { get; } = new Recovered();

    /// <summary>Due when all peers of the roster take part in the same view, and step.</summary>
    public static Trigger AllIn { get; } = new Complete();
}

sealed record SecondsLater(TimeSpan Time) : Trigger;

sealed record StepsLater(string Peer, long More) : Trigger;

sealed record Said(string Peer, string Text) : Trigger;

sealed record Up(string Peer) : Trigger;

sealed record Recovered : Trigger;

sealed record Complete : Trigger;
