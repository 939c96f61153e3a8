namespace DecentralizedLion.Tests;

/// <summary>As <see cref="PythonFactAttribute"/>, for several cases.</summary>
[AttributeUsage(AttributeTargets.Method)]
sealed class PythonTheoryAttribute : TheoryAttribute
{
    /// <param name="modules">What the program imports beside Python's own.</param>
    public PythonTheoryAttribute(params string[] modules) => Skip = Requirement.MissingPython(modules);
}
