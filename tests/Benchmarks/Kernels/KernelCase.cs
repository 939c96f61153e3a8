using DecentralizedLion.Codecs.Bits.Simd;

namespace DecentralizedLion.Benchmarks.Kernels;

/// <summary>One kernel on its own buffers, with the bytes it reads and writes in a run.</summary>
sealed record KernelCase(string Name, long Bytes, Action<VectorWidth> Run, bool HasWidths = true);
