using System.Buffers.Binary;
using System.Text;

namespace DecentralizedLion.Topology.Transport;

/// <summary>
/// Checks how a ZeroMQ conversation begins (ZMTP 3, ZeroMQ RFC 23) before NetMQ sees it: the greeting without older versions,
/// then one READY command whose properties fit into it. NetMQ ends the process for properties that claim more than there is.
/// </summary>
sealed class ZmtpGuard
{
    const int GreetingLength = 64, VersionAt = 10, MechanismAt = 12, MechanismLength = 20;
    const byte Signature = 0xff, Version = 3, ShortCommand = 4;

    static readonly byte[] ready = [5, .. "READY"u8], mechanism = Encoding.ASCII.GetBytes("NULL".PadRight(MechanismLength, '\0'));

    // A short command: flags, its length in one byte, and its body.
    readonly byte[] start = new byte[GreetingLength + 2 + byte.MaxValue];
    int length, passed;

    /// <summary>True when the beginning was right and has passed: the rest needs no check.</summary>
    public bool IsDone { get; private set; }

    /// <summary>Takes bytes as they arrive, and gives those that may go on to NetMQ.</summary>
    /// <param name="bytes">What arrived.</param>
    /// <param name="allowed">What may go on; the last piece of the beginning comes when all of it is there.</param>
    /// <returns>False when no ZeroMQ socket of this program begins so: nothing may go on.</returns>
    public bool TryPass(ReadOnlySpan<byte> bytes, out byte[] allowed)
    {
        int taken = Math.Min(bytes.Length, start.Length - length);
        bytes[..taken].CopyTo(start.AsSpan(length));
        length += taken;
        allowed = [];
        if (!IsGreeting(start.AsSpan(0, Math.Min(length, GreetingLength))))
            return false;
        int end = Math.Min(length, GreetingLength); // a greeting goes piece by piece: each side waits for the other's
        if (length > GreetingLength + 1)
        {
            int command = 2 + start[GreetingLength + 1];
            if (start[GreetingLength] != ShortCommand)
                return false;
            if (length >= GreetingLength + command)
            {
                if (!IsReady(start.AsSpan(GreetingLength + 2, command - 2)))
                    return false;
                (IsDone, end) = (true, length);
            }
        }
        allowed = [.. start.AsSpan(passed, end - passed), .. IsDone ? bytes[taken..] : default];
        passed = end;
        return true;
    }

    static bool IsGreeting(ReadOnlySpan<byte> greeting) => (greeting.Length <= 0 || greeting[0] == Signature)
        && (greeting.Length <= VersionAt || greeting[VersionAt] == Version)
        && (greeting.Length < GreetingLength || greeting.Slice(MechanismAt, MechanismLength).SequenceEqual(mechanism));

    static bool IsReady(ReadOnlySpan<byte> body)
    {
        if (!body.StartsWith(ready))
            return false;
        body = body[ready.Length..];
        while (body.Length > 0)
        {
            int name = 1 + body[0];
            if (body.Length < name + sizeof(uint) || BinaryPrimitives.ReadUInt32BigEndian(body[name..]) is var value
                && value > (uint)(body.Length - name - sizeof(uint)))
                return false;
            body = body[(name + sizeof(uint) + (int)value)..];
        }
        return true;
    }
}
