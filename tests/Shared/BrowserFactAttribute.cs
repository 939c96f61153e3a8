namespace DecentralizedLion.Tests;

/// <summary>A test that looks at a page in a browser; skipped, with the reason, where there is none.</summary>
[AttributeUsage(AttributeTargets.Method)]
sealed class BrowserFactAttribute : FactAttribute
{
    public BrowserFactAttribute() => Skip = Requirement.MissingBrowser();
}
