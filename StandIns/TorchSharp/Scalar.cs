using TorchSharp.Interop;
using static TorchSharp.torch;

namespace TorchSharp;

/// <summary>A number of any of the types that libtorch knows; here it is managed and owns nothing.</summary>
public sealed class Scalar : IDisposable
{
    Scalar(ScalarType type, long value)
    {
        Type = type;
        Value = new(type == ScalarType.Bool ? ScalarValue.BooleanKind : ScalarValue.IntegerKind, value, 0);
    }

    Scalar(ScalarType type, double value)
    {
        Type = type;
        Value = new(ScalarValue.RealKind, 0, value);
    }

    public ScalarType Type { get; }

    internal ScalarValue Value { get; }

    public static implicit operator Scalar(byte value) => new(ScalarType.Byte, (long)value);

    public static implicit operator Scalar(sbyte value) => new(ScalarType.Int8, (long)value);

    public static implicit operator Scalar(short value) => new(ScalarType.Int16, (long)value);

    public static implicit operator Scalar(int value) => new(ScalarType.Int32, (long)value);

    public static implicit operator Scalar(long value) => new(ScalarType.Int64, value);

    public static implicit operator Scalar(Half value) => new(ScalarType.Float16, (double)value);

    public static implicit operator Scalar(float value) => new(ScalarType.Float32, (double)value);

    public static implicit operator Scalar(double value) => new(ScalarType.Float64, value);

    public static implicit operator Scalar(bool value) => new(ScalarType.Bool, value ? 1L : 0L);

    public void Dispose()
    {
    }
}
