using System.Security.Cryptography;
using DecentralizedLion.Topology.Security;
using FsCheck.Xunit;

namespace DecentralizedLion.Topology.Tests.Security;

/// <summary>The links' secrets: which are equal, and that all others are not.</summary>
public sealed class PairKeysTests : IDisposable
{
    const int Peers = 5;

    readonly PeerKey[] keys = [.. Enumerable.Range(0, Peers).Select(_ => PeerKey.Create())];

    public void Dispose()
    {
        foreach (PeerKey key in keys)
            key.Dispose();
    }

    [Fact]
    public void Both_ends_derive_one_secret_and_no_two_links_or_runs_share_one()
    {
        var seen = new Dictionary<string, string>();
        foreach (string run in (string[])["demo", "demo2", "Demo", "d"])
        {
            for (int listener = 0; listener < Peers; listener++)
            {
                for (int dialler = 0; dialler < Peers; dialler++)
                {
                    if (listener == dialler)
                        continue;
                    string secret = Hex(PairKeys.Derive(keys[listener], run, End(listener), End(dialler)));
                    Assert.Equal(secret, Hex(PairKeys.Derive(keys[dialler], run, End(listener), End(dialler))));
                    Assert.True(seen.TryAdd(secret, $"{run} {listener} {dialler}"), $"{run} {listener} {dialler} shares {seen.GetValueOrDefault(secret)}'s");
                }
            }
        }
        Assert.Equal(4 * Peers * (Peers - 1), seen.Count);
    }

    /// <summary>Names that give the same text when they are put behind each other do not give the same secret.</summary>
    [Property(MaxTest = 200)]
    public void Every_name_counts_and_none_runs_into_the_next(string? run, string? listener, string? dialler, byte cut)
    {
        (run, listener, dialler) = (run ?? "", listener ?? "", dialler ?? "");
        string secret = Derive(run, listener, dialler);
        Assert.Equal(secret, Derive(run, listener, dialler));
        foreach ((string r, string l, string d) in ((string, string, string)[])
            [(run + "x", listener, dialler), (run, listener + "x", dialler), (run, listener, dialler + "x"), .. Shifted(run, listener, dialler, cut)])
            Assert.NotEqual(secret, Derive(r, l, d));

        string Derive(string r, string l, string d) =>
            Hex(PairKeys.Derive(keys[0], r, new LinkEnd(l, keys[0].Public), new LinkEnd(d, keys[1].Public)));
    }

    [Fact]
    public void A_new_key_of_one_end_is_a_new_secret()
    {
        using PeerKey replaced = PeerKey.Create();
        string before = Hex(PairKeys.Derive(keys[0], "run", End(0), End(1)));
        Assert.NotEqual(before, Hex(PairKeys.Derive(keys[0], "run", End(0), new LinkEnd("p1", replaced.Public))));
        Assert.NotEqual(before, Hex(PairKeys.Derive(replaced, "run", new LinkEnd("p0", replaced.Public), End(1))));
    }

    [Fact]
    public void A_third_peers_key_derives_nothing_and_a_mirrored_one_is_no_other_peers()
    {
        Assert.Throws<ArgumentException>(() => PairKeys.Derive(keys[2], "run", End(0), End(1)));
        byte[] mirrored = keys[0].Public.Bytes.ToArray();
        mirrored[0] ^= 1;
        Assert.True(PublicKey.TryParse(System.Buffers.Text.Base64Url.EncodeToString(mirrored), out PublicKey? other, out _));
        Assert.Throws<ArgumentException>(() => PairKeys.Derive(keys[0], "run", End(0), new LinkEnd("p1", other)));
    }

    [Fact]
    public void The_scheme_stays_what_it_is()
    {
        // Peers of different versions of this program must derive the same: d = 1 and d = 2, so that anybody can check it.
        using PeerKey one = Fixed(1), two = Fixed(2);
        LinkEnd a = new("a", one.Public), b = new("b", two.Public);
        Assert.Equal("A2sX0fLhLEJH-Lzm5WOkQPJ3A32BLeszoPShOUXYmMKW", one.Public.ToString());
        byte[] x = Convert.FromHexString("7CF27B188D034F7E8A52380304B51AC3C08969E277F21B35A60B48FC47669978"); // x of 2·G, the common point
        byte[] info = [3, 0, 0, 0, .. "run"u8, 1, 0, 0, 0, (byte)'a', 1, 0, 0, 0, (byte)'b', 33, 0, 0, 0, .. one.Public.Bytes, 33, 0, 0, 0, .. two.Public.Bytes];
        byte[] expected = HKDF.DeriveKey(HashAlgorithmName.SHA256, x, 32, "DecentralizedLion link key 1"u8.ToArray(), info);
        expected[0] &= 248;
        expected[31] = (byte)(expected[31] & 127 | 64);
        Assert.Equal(Hex(expected), Hex(PairKeys.Derive(one, "run", a, b)));
        Assert.Equal(Hex(expected), Hex(PairKeys.Derive(two, "run", a, b)));
        Assert.NotEqual(Hex(expected), Hex(PairKeys.Derive(two, "run", b, a)));
    }

    LinkEnd End(int peer) => new($"p{peer}", keys[peer].Public);

    static IEnumerable<(string, string, string)> Shifted(string run, string listener, string dialler, byte cut)
    {
        if (run.Length > 0)
            yield return (run[..^1], run[^1] + listener, dialler);
        if (listener.Length > 0)
        {
            int at = cut % listener.Length;
            yield return (run + listener[..(at + 1)], listener[(at + 1)..], dialler);
            yield return (run, listener[..at], listener[at..] + dialler);
        }
        if (listener != dialler)
            yield return (run, dialler, listener);
    }

    static PeerKey Fixed(byte d)
    {
        byte[] secret = new byte[32];
        secret[31] = d;
        using var pair = ECDiffieHellman.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, D = secret });
        Assert.True(PeerKey.TryRead(pair.ExportECPrivateKeyPem(), out PeerKey? key, out string reason), reason);
        return key;
    }

    static string Hex(byte[] secret) => Convert.ToHexString(secret);
}
