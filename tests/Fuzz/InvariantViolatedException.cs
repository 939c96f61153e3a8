namespace DecentralizedLion.Fuzz;

/// <summary>A parser took an input and broke another of its rules.</summary>
sealed class InvariantViolatedException(string what) : Exception(what);
