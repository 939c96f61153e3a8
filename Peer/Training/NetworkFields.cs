using System.Security.Cryptography;
using System.Text;
using DecentralizedLion.Models;
using DecentralizedLion.Topology.Configuration;
using static TorchSharp.torch;

namespace DecentralizedLion.Peer.Training;

/// <summary>The fields by which peers compare the networks of their programs: the names and shapes of what is trained, in their
/// order, and the values of what is frozen, which no peer takes from another.</summary>
static class NetworkFields
{
    // A greeting has room for some of them, and a longer text says no more.
    const int TextMax = 1000;

    /// <summary>The fields of the parameters that an optimizer was given.</summary>
    /// <param name="parameters">Trained and frozen ones, tied ones once.</param>
    public static IReadOnlyList<FingerprintField> Of(IReadOnlyList<TiedParameter> parameters)
    {
        TiedParameter[] frozen = [.. parameters.Where(parameter => !parameter.IsTrained)];
        var fields = new List<FingerprintField>
        {
            new("model.layout", Short(string.Join(' ', parameters.Where(parameter => parameter.IsTrained).Select(Declaration)))),
        };
        if (frozen.Length > 0)
        {
            fields.Add(new("model.frozen", Short(string.Join(' ', frozen.Select(Declaration)))));
            fields.Add(new("model.frozen.digest", DigestOf(frozen)));
        }
        return fields;
    }

    static string Declaration(TiedParameter parameter) =>
        $"{parameter.Name}[{string.Join(',', parameter.First.shape)}]";

    /// <summary>A text that fits into a greeting: itself, or its SHA-256.</summary>
    internal static string Short(string text) =>
        text.Length <= TextMax ? text : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    static string DigestOf(IReadOnlyList<TiedParameter> frozen)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var parameter in frozen)
        {
            using var scope = NewDisposeScope();
            using var quiet = no_grad();
            hash.AppendData(parameter.First.detach().cpu().contiguous().bytes);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
