namespace DecentralizedLion.Fuzz;

/// <summary>A parser took an input and broke another of its promises.</summary>
sealed class InvariantViolatedException(string what) : Exception(what);
