namespace DecentralizedLion.Models;

/// <summary>A libtorch that cannot be used: the message names the variable, its value and what is allowed.</summary>
sealed class TorchLibraryException(string message) : Exception(message);
