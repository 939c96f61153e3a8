using System.Buffers.Binary;
using System.Text;
using DecentralizedLion.Topology.Transport;
using FsCheck.Xunit;

namespace DecentralizedLion.Topology.Tests.Transport;

/// <summary>The beginning of a ZeroMQ conversation, right and malformed, in pieces of any size.</summary>
public sealed class ZmtpGuardTests
{
    static readonly byte[] greeting = [0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0x7f, 3, 0,
        .. Encoding.ASCII.GetBytes("NULL".PadRight(20, '\0')), .. new byte[32]];

    [Property]
    public void A_right_beginning_and_all_after_it_pass_unchanged_in_any_pieces(byte[] rest, int seed)
    {
        byte[] all = [.. greeting, .. Ready(("Socket-Type", 4, "PUSH"), ("Identity", 0, "")), .. rest];
        var (guard, random, passed) = (new ZmtpGuard(), new Random(seed), new List<byte>());
        for (int at = 0, length; at < all.Length; at += length)
        {
            length = random.Next(1, all.Length - at + 1);
            ReadOnlySpan<byte> piece = all.AsSpan(at, length);
            if (guard.IsDone)
            {
                passed.AddRange(piece);
                continue;
            }
            Assert.True(guard.TryPass(piece, out byte[] allowed));
            passed.AddRange(allowed);
        }
        Assert.True(guard.IsDone);
        Assert.Equal(all, passed);
    }

    [Theory]
    [InlineData(uint.MaxValue)]
    [InlineData(1u << 31)]
    [InlineData(5u)] // one more than there is
    public void A_property_that_claims_more_than_there_is_never_passes(uint claimed)
    {
        var guard = new ZmtpGuard();
        Assert.True(guard.TryPass(greeting, out byte[] allowed));
        Assert.Equal(greeting, allowed);
        Assert.False(guard.TryPass(Ready(("Socket-Type", claimed, "PUSH")), out allowed));
        Assert.Empty(allowed);
    }

    [Theory]
    [InlineData("01 00")] // ZMTP 1
    [InlineData("ff 00 00 00 00 00 00 00 01 7f 01")] // ZMTP 2
    public void Older_versions_do_not_pass(string hex) =>
        Assert.False(new ZmtpGuard().TryPass(Convert.FromHexString(hex.Replace(" ", "")), out _));

    [Fact]
    public void Another_mechanism_and_another_command_do_not_pass()
    {
        byte[] curve = [.. greeting];
        "CURVE"u8.CopyTo(curve.AsSpan(12));
        Assert.False(new ZmtpGuard().TryPass(curve, out _));
        Assert.False(new ZmtpGuard().TryPass([.. greeting, 4, 6, 5, .. "HELLO"u8], out _));
        Assert.False(new ZmtpGuard().TryPass([.. greeting, 0, 1, 1], out _)); // a message before the command
    }

    static byte[] Ready(params (string Name, uint Claimed, string Value)[] properties)
    {
        List<byte> body = [5, .. "READY"u8];
        foreach ((string name, uint claimed, string value) in properties)
        {
            var length = new byte[sizeof(uint)];
            BinaryPrimitives.WriteUInt32BigEndian(length, claimed);
            body.AddRange([(byte)name.Length, .. Encoding.ASCII.GetBytes(name), .. length, .. Encoding.ASCII.GetBytes(value)]);
        }
        return [4, (byte)body.Count, .. body];
    }
}
