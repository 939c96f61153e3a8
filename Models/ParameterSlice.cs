namespace DecentralizedLion.Models;

/// <summary>Where a parameter lies in the flat vectors. Name is PyTorch's state_dict name; Offset and Length count
/// floats.</summary>
public sealed record ParameterSlice(string Name, long[] Shape, int Offset, int Length);
