namespace DecentralizedLion.Peer.Cli.Options;

/// <summary>An option that says which values it takes.</summary>
interface IAllowedValues
{
    /// <summary>What is allowed, as a message says it: "a whole number from 1 to 3600".</summary>
    string Allowed { get; }
}
