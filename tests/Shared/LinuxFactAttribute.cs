namespace DecentralizedLion.Tests;

/// <summary>A test that needs what only Linux has.</summary>
public sealed class LinuxFactAttribute : FactAttribute
{
    public LinuxFactAttribute(string what) => Skip = OperatingSystem.IsLinux() ? null : $"only Linux has {what}";
}
