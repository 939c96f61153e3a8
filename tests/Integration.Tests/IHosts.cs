namespace DecentralizedLion.Integration.Tests;

/// <summary>Hosts of their own for the peers of a roster.</summary>
interface IHosts
{
    string AddressOf(int peer);

    /// <summary>The words that a command begins with to be run on a peer's host.</summary>
    IReadOnlyList<string> On(int peer);
}
