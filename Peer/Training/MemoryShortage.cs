using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using DecentralizedLion.Models.Networks;

namespace DecentralizedLion.Peer.Training;

/// <summary>The messages for a host that has not enough memory for a run.</summary>
static partial class MemoryShortage
{
    // Weights and gradient, fp32 each. A step needs more: a network that is refused could not be trained here.
    const int BytesOfParameter = 8;

    /// <summary>The message about a network whose weights and gradient alone are more than the program may use; null when they
    /// are not.</summary>
    /// <param name="network">Its size; null: not known.</param>
    /// <param name="available">The bytes that the program may use; 0: not known.</param>
    public static string? Of(NetworkSize? network, long available)
    {
        var needed = BytesOfParameter * (network?.Parameters ?? 0);
        return needed <= available || available == 0 ? null
            : $"the network has {network!.Value.Parameters} parameters, whose weights and gradient are {Size(needed)}; the "
                + $"program may use {Size(available)} of memory here. A smaller model.width or model.depth needs less";
    }

    /// <summary>The message about an error of an allocator, of libtorch's or of .NET's; null for every other error.</summary>
    public static string? Of(Exception e)
    {
        // TorchSharp knows no other type for libtorch's errors.
        if (e is OutOfMemoryException)
            return Text("");
        if (e is not ExternalException || !Words().IsMatch(e.Message))
            return null;
        var wanted = Wanted().Match(e.Message);
        return Text(!wanted.Success ? "" : long.TryParse(wanted.Groups[1].Value, CultureInfo.InvariantCulture, out var bytes)
            ? $" for a tensor of {Size(bytes)}" : $" for a tensor of {wanted.Groups[2].Value}");
    }

    static string Text(string what) => $"not enough memory{what}. A smaller network needs less, and so does a smaller batch "
        + "(\"accumulate\" adds several of them up to one step)";

    static string Size(long bytes) => (bytes / (double)(1 << 30)).ToString("0.0", CultureInfo.InvariantCulture) + " GiB";

    [GeneratedRegex("can't allocate memory|not enough memory|out of memory", RegexOptions.IgnoreCase)]
    private static partial Regex Words();

    [GeneratedRegex("allocate (?:([0-9]+) bytes|([0-9.]+ [KMGT]iB))")]
    private static partial Regex Wanted();
}
