using System.Runtime.InteropServices;

namespace TorchSharp.Interop;

/// <summary>A number as it crosses to native code.</summary>
[StructLayout(LayoutKind.Sequential)]
readonly record struct ScalarValue(long Kind, long Integer, double Real)
{
    public const long IntegerKind = 0, RealKind = 1, BooleanKind = 2;
}
