namespace DecentralizedLion.Topology.Configuration;

/// <summary>One thing that all peers of a run must agree on.</summary>
/// <param name="Name">Its name, as a person knows it: <c>learningRate</c>, <c>model.width</c>, <c>data.digest</c>.</param>
/// <param name="Value">Its value as text, the same on every machine.</param>
readonly record struct FingerprintField(string Name, string Value);
