namespace FsCheck.Xunit;

/// <summary>What every property of the class or assembly takes where it says nothing itself.</summary>
[AttributeUsage(AttributeTargets.Assembly | AttributeTargets.Class, AllowMultiple = false)]
public class PropertiesAttribute : PropertyAttribute
{
}
