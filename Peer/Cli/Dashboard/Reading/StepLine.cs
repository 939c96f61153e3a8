using System.Buffers.Text;
using System.Text.Json;

namespace DecentralizedLion.Peer.Cli.Dashboard.Reading;

/// <summary>
/// Reads the lines of steps, which are nearly all lines of a metrics file, several times as fast as
/// <see cref="Peer.Metrics.EventLine"/>: it keeps only what a page shows.
/// </summary>
static class StepLine
{
    const int DigestCharacters = 16;

    /// <summary>The beginning of every line of a step.</summary>
    static ReadOnlySpan<byte> Prefix => "{\"kind\":\"step\","u8;

    /// <summary>True when a line begins as one of a step does.</summary>
    public static bool IsStep(ReadOnlySpan<byte> line) => line.StartsWith(Prefix);

    /// <summary>The step of a line; null when the line is damaged.</summary>
    public static StepRow? TryRead(ReadOnlySpan<byte> line)
    {
        try
        {
            return Read(line);
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException)
        {
            return null;
        }
    }

    static StepRow? Read(ReadOnlySpan<byte> line)
    {
        var reader = new Utf8JsonReader(line);
        long step = 0;
        var view = 0;
        ulong digest = 0;
        string? why = null;
        IReadOnlyList<string> abstained = [], away = [];
        var values = StepValues.None;
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.ValueSpan;
            if (MetricOf(name) is { } metric)
            {
                reader.Read();
                values[(int)metric] = reader.TokenType == JsonTokenType.Null ? double.NaN : reader.GetDouble();
            }
            else if (name.SequenceEqual("step"u8))
                step = reader.Read() ? reader.GetInt64() : 0;
            else if (name.SequenceEqual("view"u8))
                view = reader.Read() ? reader.GetInt32() : 0;
            else if (name.SequenceEqual("digest"u8))
                digest = reader.Read() ? DigestOf(reader.ValueSpan) : 0;
            else if (name.SequenceEqual("abstained"u8))
                abstained = Ids(ref reader);
            else if (name.SequenceEqual("away"u8))
                away = Ids(ref reader);
            else if (name.SequenceEqual("why"u8))
                why = reader.Read() ? reader.GetString() : null;
            else
            {
                reader.Read();
                reader.Skip();
            }
        }
        return step <= 0 || reader.TokenType != JsonTokenType.EndObject ? null : new StepRow
        {
            Step = step,
            View = view,
            Digest = digest,
            Values = values,
            Abstained = abstained,
            Away = away,
            Why = why,
        };
    }

    static StepMetric? MetricOf(ReadOnlySpan<byte> name) => name.Length switch
    {
        4 when name.SequenceEqual("loss"u8) => StepMetric.Loss,
        4 when name.SequenceEqual("ties"u8) => StepMetric.Ties,
        5 when name.SequenceEqual("flips"u8) => StepMetric.Flips,
        5 when name.SequenceEqual("zeros"u8) => StepMetric.Zeros,
        6 when name.SequenceEqual("voters"u8) => StepMetric.Voters,
        9 when name.SequenceEqual("agreement"u8) => StepMetric.Agreement,
        9 when name.SequenceEqual("bytesSent"u8) => StepMetric.BytesSent,
        12 when name.SequenceEqual("learningRate"u8) => StepMetric.LearningRate,
        14 when name.SequenceEqual("computeSeconds"u8) => StepMetric.ComputeSeconds,
        15 when name.SequenceEqual("exchangeSeconds"u8) => StepMetric.ExchangeSeconds,
        16 when name.SequenceEqual("bitsPerParameter"u8) => StepMetric.BitsPerParameter,
        _ => null,
    };

    static IReadOnlyList<string> Ids(ref Utf8JsonReader reader)
    {
        List<string>? ids = null;
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartArray)
            return [];
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType == JsonTokenType.String)
                (ids ??= []).Add(reader.GetString()!);
            else
                reader.Skip();
        }
        return ids ?? (IReadOnlyList<string>)[];
    }

    static ulong DigestOf(ReadOnlySpan<byte> text) =>
        text.Length >= DigestCharacters && Utf8Parser.TryParse(text[..DigestCharacters], out ulong digest, out _, 'x')
            ? digest : 0;
}
