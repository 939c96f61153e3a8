namespace DecentralizedLion.Tests;

/// <summary>
/// A test that captures what travels on the loopback device; skipped, with the reason, where this user may not or Python is
/// missing.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
sealed class CaptureTheoryAttribute : TheoryAttribute
{
    public CaptureTheoryAttribute() => Skip = Requirement.MissingRoot() ?? Requirement.MissingPython();
}
