using System.Buffers;
using MessagePack;

namespace DecentralizedLion.Codecs.Wire;

/// <summary>
/// The reading of MessagePack values from bytes that are not our own. Each parser reads with a <see cref="MessagePackReader"/>,
/// takes bytes and texts through the methods here, and treats what <see cref="IsMalformed"/> names as a refusal; any other
/// exception is an error of ours.
/// </summary>
static class MessagePackReading
{
    /// <summary>True for the exceptions by which the reader refuses its bytes, and for no others.</summary>
    /// <param name="exception">
    /// What was thrown: the bytes end inside a value, or are fewer than an array has elements
    /// (<see cref="EndOfStreamException"/>); another type or an impossible length
    /// (<see cref="MessagePackSerializationException"/>); an integer that does not fit (<see cref="OverflowException"/>).
    /// </param>
    public static bool IsMalformed(Exception exception) =>
        exception is EndOfStreamException or MessagePackSerializationException or OverflowException;

    /// <summary>The bytes of a binary value, where they lie, so that nothing is allocated; null for nil.</summary>
    /// <param name="reader">The reader.</param>
    /// <exception cref="MessagePackSerializationException">The value is no binary one, or claims 2³¹ bytes or more.</exception>
    public static ReadOnlySequence<byte>? ReadBinary(ref this MessagePackReader reader)
    {
        try
        {
            return reader.ReadBytes();
        }
        catch (ArgumentOutOfRangeException e)
        {
            throw TooLong(e);
        }
    }

    /// <summary>The UTF-8 bytes of a text, valid or not, where they lie, so that nothing is allocated; null for nil.</summary>
    /// <param name="reader">The reader.</param>
    /// <exception cref="MessagePackSerializationException">The value is no text, or claims 2³¹ bytes or more.</exception>
    public static ReadOnlySequence<byte>? ReadUtf8(ref this MessagePackReader reader)
    {
        try
        {
            return reader.ReadStringSequence();
        }
        catch (ArgumentOutOfRangeException e)
        {
            throw TooLong(e);
        }
    }

    // The reader takes such a length for a negative one and slices with it.
    static MessagePackSerializationException TooLong(ArgumentOutOfRangeException cause) =>
        new("A MessagePack value claims 2³¹ bytes or more.", cause);
}
