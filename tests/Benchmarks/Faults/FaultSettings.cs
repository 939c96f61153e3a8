namespace DecentralizedLion.Benchmarks.Faults;

/// <summary>The runs that faults are measured in.</summary>
static class FaultSettings
{
    /// <summary>The demo's model and data; all times are the defaults. It does not end by itself, and evaluates
    /// nothing.</summary>
    public const string Demo = """
        {
          "run": "faults", "steps": 1000000, "batch": 32, "learningRate": 0.001, "warmup": 20,
          "evaluateEvery": 0, "checkpointEvery": 300,
          "model": { "kind": "convnet", "width": 16, "depth": 3 },
          "data": { "kind": "glyphs" }
        }
        """;
}
