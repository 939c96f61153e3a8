using System.Text.RegularExpressions;
using DecentralizedLion.Models.Datasets;
using DecentralizedLion.Models.Networks;
using DecentralizedLion.Peer.Configuration;

namespace DecentralizedLion.Peer.Tests.Training;

public sealed partial class ReadmeTests
{
    [Fact]
    public void The_step_in_the_README_is_the_one_that_runs()
    {
        var quoted = Readme().Split("```csharp\n")[1].Split("\n```")[0];
        var source = File.ReadAllLines(Path.Combine(Repository.Root, "Peer", "Cli", "Run", "TrainingRun.cs"))
            .Select(line => line.Trim());
        Assert.Contains(Flat(quoted.Split('\n').Select(line => line.Trim())), Flat(source));

        static string Flat(IEnumerable<string> lines) => string.Join('\n', lines);
    }

    [Fact]
    public void The_sizes_in_the_table_of_settings_are_the_programs_defaults()
    {
        var row = Row("model");
        foreach (var settings in new NetworkSettings[]
        {
            new MlpSettings(), new ConvNetSettings(), new VitSettings(), new GptSettings(),
        })
            Assert.Equal(ModelSection.Fields(settings).Skip(1)
                .Select(setting => (setting.Name["model.".Length..], setting.Value)), Defaults(row, settings.Kind));
        Assert.Equal(DataSection.Fields(new DataSettings("glyphs", Glyphs: new GlyphSettings()))
            .Where(setting => setting.Name is not ("data.kind" or "data.partition")).OrderBy(setting => setting.Name)
            .Select(setting => (setting.Name["data.".Length..], setting.Value)),
            Defaults(Row("data"), "glyphs").Order());
    }

    /// <summary>The pairs in the brackets after a kind: <c>`vit` (`patch` 4, `width` 192)</c>.</summary>
    static IEnumerable<(string, string)> Defaults(string row, string kind) =>
        Default().Matches(row.Split($"`{kind}` (")[1].Split(')')[0])
            .Select(match => (match.Groups[1].Value, match.Groups[2].Value));

    static string Row(string field) =>
        File.ReadAllText(Path.Combine(Repository.Root, "docs", "configuration.md")).Split('\n')
            .Single(line => line.StartsWith($"| `{field}` |", StringComparison.Ordinal));

    static string Readme() => File.ReadAllText(Path.Combine(Repository.Root, "README.md"));

    [GeneratedRegex("`(\\w+)` (\\w+)")]
    private static partial Regex Default();
}
