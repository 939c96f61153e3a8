namespace DecentralizedLion.Tests;

/// <summary>A test that compares with a Python program; skipped, with the reason, where Python or a module is missing.</summary>
[AttributeUsage(AttributeTargets.Method)]
sealed class PythonFactAttribute : FactAttribute
{
    /// <param name="modules">What the program imports beside Python's own.</param>
    public PythonFactAttribute(params string[] modules) => Skip = Requirement.MissingPython(modules);
}
