using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using TorchSharp;
using Xunit.Abstractions;

namespace DecentralizedLion.StandIns.Tests.Torch;

/// <summary>Every public member of the stand-in stands, name by name, in the list taken from the real package.</summary>
public sealed partial class ApiTests(ITestOutputHelper output)
{
    // Types that the list leaves out; the real package has them under these names.
    static readonly string[] Unlisted =
    [
        "GroupNorm", "ParameterLessModule", "Flatten", "MaxPool2d", "Generator", "GradMode", "InferenceMode", "init", "PaddingModes",
        "RoundingMode", "NonlinearityType", "FanInOut",
    ];

    [Fact]
    public void The_stand_in_has_no_member_that_the_real_package_lacks()
    {
        string list = Path.Combine(Root(), "..", "shared", "api", "torchsharp-0.107.0-subset.txt");
        if (!File.Exists(list))
        {
            output.WriteLine("not applicable: the list of the real package's members is not beside the repository");
            return;
        }

        var real = File.ReadLines(list).Where(line => line.StartsWith("  ", StringComparison.Ordinal)).Select(Normal).ToHashSet();
        string[] extra =
        [
            .. typeof(torch).Assembly.GetExportedTypes()
                .Where(type => !type.IsEnum && !Unlisted.Any(name => type.Name.StartsWith(name, StringComparison.Ordinal)))
                .SelectMany(type => type.GetMethods(Flags).Where(m => !m.IsSpecialName || m.Name.StartsWith("op_", StringComparison.Ordinal)))
                .Select(method => Normal($"{method.Name}({Parameters(method)})"))
                .Where(signature => !real.Contains(signature))
                .Distinct(),
        ];
        Assert.Empty(extra.Except(["GetEnumerator()", "ToString()"]));
        Assert.True(real.Count > 500);
    }

    const BindingFlags Flags = BindingFlags.Public | BindingFlags.Static | BindingFlags.Instance | BindingFlags.DeclaredOnly;

    static string Parameters(MethodInfo method) =>
        string.Join(", ", method.GetParameters().Select(p => $"{Name(p.ParameterType)} {p.Name}"));

    /// <summary>name(type name, type name) without modifiers, defaults and result.</summary>
    static string Normal(string line)
    {
        line = Defaults().Replace(line.Trim(), "").Replace("params ", "", StringComparison.Ordinal);
        int open = line.IndexOf('(', StringComparison.Ordinal);
        var match = Signature().Match(line);
        return match.Success ? GenericMark().Replace(match.Groups[1].Value, "") + "(" + match.Groups[2].Value + ")" : line;
    }

    static string Name(Type type)
    {
        if (type.IsArray)
            return Name(type.GetElementType()!) + "[]";
        if (Nullable.GetUnderlyingType(type) is { } value)
            return Name(value) + "?";
        if (type.IsGenericType)
        {
            string inner = string.Join(", ", type.GetGenericArguments().Select(Name));
            return type.Name.StartsWith("ValueTuple", StringComparison.Ordinal) ? $"({inner})" : $"{type.Name.Split('`')[0]}<{inner}>";
        }

        return Keywords.GetValueOrDefault(type, type.Name);
    }

    static readonly Dictionary<Type, string> Keywords = new()
    {
        [typeof(bool)] = "bool",
        [typeof(byte)] = "byte",
        [typeof(sbyte)] = "sbyte",
        [typeof(short)] = "short",
        [typeof(int)] = "int",
        [typeof(long)] = "long",
        [typeof(float)] = "float",
        [typeof(double)] = "double",
        [typeof(string)] = "string",
    };

    static string Root([CallerFilePath] string here = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", ".."));

    [GeneratedRegex(@" = [^,)]+")]
    private static partial Regex Defaults();

    [GeneratedRegex(@"(\w+(?:<[^(]*>)?)\((.*)\)[^)]*$")]
    private static partial Regex Signature();

    [GeneratedRegex("<.*>$")]
    private static partial Regex GenericMark();
}
