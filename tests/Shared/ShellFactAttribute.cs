namespace DecentralizedLion.Tests;

/// <summary>A test that runs a shell; skipped, with the reason, where there is none of that name.</summary>
[AttributeUsage(AttributeTargets.Method)]
sealed class ShellFactAttribute : FactAttribute
{
    public ShellFactAttribute(string shell) => Skip = Requirement.MissingCommand(shell);
}
