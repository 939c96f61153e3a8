using System.Globalization;

namespace DecentralizedLion.Peer.Training;

/// <summary>The names of devices: cpu, cuda, cuda:0, cuda:1, …</summary>
static class DeviceName
{
    public const string Allowed = "cpu, cuda, or cuda:N with N from 0 to 63";

    public static bool IsValid(string name) =>
        name is "cpu" or "cuda" || (name.StartsWith("cuda:", StringComparison.Ordinal)
            && int.TryParse(name.AsSpan(5), NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index < 64);
}
