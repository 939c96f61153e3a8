using System.Numerics;
using System.Runtime.InteropServices;

namespace DecentralizedLion.Models.Datasets;

/// <summary>
/// The largest 16-bit number of a file at each position modulo 4. In a file of 32-bit or 64-bit numbers the positions of the
/// upper halves hold only zeros or very small numbers, which shows that the tokens are wider than 16 bits.
/// </summary>
sealed class TokenMaxima
{
    const int Lanes = 4;

    /// <summary>So many pairs at least before anything is said about them: a true token may be 0 now and then.</summary>
    const int PairsMin = 32;

    /// <summary>And so many where the upper halves are not all zero.</summary>
    const int WidePairsMin = 1024;

    readonly ushort[] largest = new ushort[Lanes];
    ushort first;
    bool isConstant = true;
    long count;

    /// <summary>The largest token.</summary>
    public int Largest => largest.Max();

    /// <summary>True when there are many, and all are one and the same.</summary>
    public bool IsConstant => isConstant && count >= PairsMin;

    /// <summary>Adds the next tokens; all calls but the last add a multiple of 4.</summary>
    public void Add(ReadOnlySpan<ushort> tokens)
    {
        var most = Vector<ushort>.Zero;
        var vectors = MemoryMarshal.Cast<ushort, Vector<ushort>>(tokens);
        foreach (var vector in vectors)
            most = Vector.Max(most, vector);
        for (var i = 0; i < Vector<ushort>.Count; i++)
            largest[i % Lanes] = Math.Max(largest[i % Lanes], most[i]);
        for (var i = vectors.Length * Vector<ushort>.Count; i < tokens.Length; i++)
            largest[i % Lanes] = Math.Max(largest[i % Lanes], tokens[i]);
        if (count == 0 && tokens.Length > 0)
            first = tokens[0];
        isConstant = isConstant && !tokens.ContainsAnyExcept(first);
        count += tokens.Length;
    }

    /// <summary>
    /// The width in bits of the numbers that the file seems to be of: 32 where every other 16 bits are 0, or at most 3 beside
    /// others of a thousand and more; 64 where three of four are 0; else 16. Random tokens of a vocabulary of ten and more make
    /// such a file with a probability of less than 10⁻³⁰.
    /// </summary>
    public int Width
    {
        get
        {
            var (even, odd) = (Math.Max(largest[0], largest[2]), Math.Max(largest[1], largest[3]));
            var (less, more) = (Math.Min(even, odd), Math.Max(even, odd));
            if (count < 2 * PairsMin || more == 0 || (less > 0 && (less > 3 || more < 1000 || count < 2 * WidePairsMin)))
                return 16;
            return less == 0 && largest.Count(one => one == 0) == Lanes - 1 ? 64 : 32;
        }
    }
}
