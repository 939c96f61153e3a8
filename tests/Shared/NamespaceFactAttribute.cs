namespace DecentralizedLion.Tests;

/// <summary>A test whose peers have a network namespace each; skipped, with the reason, where none can be made.</summary>
[AttributeUsage(AttributeTargets.Method)]
sealed class NamespaceFactAttribute : FactAttribute
{
    public NamespaceFactAttribute() => Skip = Requirement.MissingNamespaces();
}
