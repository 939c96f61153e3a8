namespace DecentralizedLion.Topology.Tests;

/// <summary>
/// Whole rings under chance take the same cases every time, so that a red run means a change of the code. To look further, take
/// the replay off, or run <c>peer simulate</c> with other seeds.
/// </summary>
static class FixedCases
{
    public const string Seed = "(240404438,231005899)";
}
