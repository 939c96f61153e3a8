using System.Text.RegularExpressions;

namespace DecentralizedLion.Models.Networks;

/// <summary>The sentence that matters in an error of libtorch, which comes with the stacks of TorchScript and of C++.</summary>
static partial class TorchScriptError
{
    /// <summary>The last error that the TorchScript interpreter reports; without one, the first line.</summary>
    public static string Reason(Exception error)
    {
        var lines = error.Message.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return lines.LastOrDefault(line => Raised().IsMatch(line)) ?? lines.FirstOrDefault() ?? error.GetType().Name;
    }

    [GeneratedRegex(@"^[\w.]*(Error|Exception): ")]
    private static partial Regex Raised();
}
