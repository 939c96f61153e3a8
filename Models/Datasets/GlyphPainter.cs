using System.Buffers.Binary;

namespace DecentralizedLion.Models.Datasets;

/// <summary>
/// Draws glyphs. Only additions, multiplications, divisions and square roots of doubles are used, which IEEE 754 rounds
/// the same way everywhere; a sine of the platform's library would give two machines two data sets.
/// </summary>
sealed class GlyphPainter
{
    /// <summary>The sizes in this file are in pixels of a picture this wide, and scaled for another.</summary>
    const double ReferenceSize = 28;

    readonly int size;
    readonly double unit;
    readonly double[] ink;

    public GlyphPainter(int size)
    {
        this.size = size;
        unit = size / ReferenceSize;
        ink = new double[size * size];
    }

    /// <summary>Draws the digit with the variations of a key into size * size bytes.</summary>
    public void Paint(int digit, ulong key, Span<byte> picture)
    {
        var random = new GlyphRandom(key);
        Array.Clear(ink);
        DrawDigit(digit, ref random);
        DrawClutter(ref random);
        Develop(ref random, picture);
    }

    void DrawDigit(int digit, ref GlyphRandom random)
    {
        var scale = random.Between(0.7, 1.08);
        var height = unit * scale * 10 / GlyphStrokes.HalfHeight;
        var width = height * random.Between(0.8, 1.2);
        var shear = random.Between(-0.2, 0.2);

        // The half-angle formulas turn by up to 23 degrees without a sine.
        var tangent = random.Between(-0.2, 0.2);
        var cosine = (1 - (tangent * tangent)) / (1 + (tangent * tangent));
        var sine = 2 * tangent / (1 + (tangent * tangent));

        // A small digit has more room to move in than a large one.
        var room = unit * (12.2 - (10 * scale));
        var centerX = (size * 0.5) + random.Between(-room, room);
        var centerY = (size * 0.5) + random.Between(-room, room);
        var radius = unit * random.Between(0.7, 1.5);

        foreach (var stroke in GlyphStrokes.Of(digit))
        {
            (double X, double Y) last = default;
            for (var i = 0; i < stroke.Length; i += 2)
            {
                var x = (stroke[i] + random.Between(-2.5, 2.5)) * width;
                var y = (stroke[i + 1] + random.Between(-2.5, 2.5)) * height;
                x += shear * y;
                (double X, double Y) point = (centerX + (cosine * x) - (sine * y), centerY + (sine * x) + (cosine * y));
                if (i > 0)
                    DrawLine(last, point, radius, 1);
                last = point;
            }
        }
    }

    void DrawClutter(ref GlyphRandom random)
    {
        for (var lines = 2 + random.Below(3); lines > 0; lines--)
        {
            (double X, double Y) from = (random.Between(0, size), random.Between(0, size));
            var to = (from.X + (unit * random.Between(-4, 4)), from.Y + (unit * random.Between(-4, 4)));
            DrawLine(from, to, unit * random.Between(0.4, 0.9), random.Between(0.5, 1));
        }
    }

    void DrawLine((double X, double Y) from, (double X, double Y) to, double radius, double strength)
    {
        var reach = radius + 0.5;
        var (top, bottom) = Range(from.Y, to.Y, reach);
        var (left, right) = Range(from.X, to.X, reach);
        var (dx, dy) = (to.X - from.X, to.Y - from.Y);
        var length2 = Math.Max((dx * dx) + (dy * dy), 1e-9);
        for (var row = top; row < bottom; row++)
        {
            for (var column = left; column < right; column++)
            {
                var (px, py) = (column + 0.5 - from.X, row + 0.5 - from.Y);
                var along = Math.Clamp(((px * dx) + (py * dy)) / length2, 0, 1);
                var (ox, oy) = (px - (along * dx), py - (along * dy));
                var distance2 = (ox * ox) + (oy * oy);
                if (distance2 >= reach * reach)
                    continue;
                var cover = strength * Math.Min(reach - Math.Sqrt(distance2), 1);
                ref var pixel = ref ink[(row * size) + column];
                pixel = Math.Max(pixel, cover);
            }
        }
    }

    /// <summary>The rows or columns whose centres a line between two places may reach.</summary>
    (int First, int End) Range(double a, double b, double reach)
    {
        var first = (int)Math.Clamp(Math.Min(a, b) - reach, 0, size);
        var end = (int)Math.Clamp(Math.Max(a, b) + reach + 1, 0, size);
        return (first, end);
    }

    void Develop(ref GlyphRandom random, Span<byte> picture)
    {
        var paper = random.Between(15, 60);
        var contrast = random.Between(110, 180);
        Span<byte> noise = stackalloc byte[8];
        for (var i = 0; i < picture.Length; i++)
        {
            if (i % noise.Length == 0)
                BinaryPrimitives.WriteUInt64LittleEndian(noise, random.Next());

            // Noise from -32 to 31; rounding by adding a half and cutting off.
            var value = paper + (contrast * ink[i]) + ((noise[i % noise.Length] >> 2) - 32);
            picture[i] = (byte)Math.Clamp(value + 0.5, 0, 255);
        }
    }
}
