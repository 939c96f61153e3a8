namespace DecentralizedLion.Models;

/// <summary>The place of a parameter in the flat vectors. Name is PyTorch's state_dict name; Offset and Length count
/// floats.</summary>
sealed record ParameterSlice(string Name, long[] Shape, int Offset, int Length);
