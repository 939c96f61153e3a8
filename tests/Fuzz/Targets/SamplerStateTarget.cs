using System.Text;
using DecentralizedLion.Models.Sampling;

namespace DecentralizedLion.Fuzz.Targets;

/// <summary>The position of a run in its data, as a checkpoint's metadata say it, and what follows from it.</summary>
sealed class SamplerStateTarget : Target
{
    // The positions of larger batches are allowed, and take more memory than what is checked here.
    const int BatchMax = 1000;

    public override string Name => "data-state";

    public override IReadOnlyList<byte[]> Seeds { get; } =
        [.. new[] { "60\n12-19,31-39\n0,1,2", "0\n\n0", "60,0,40\n\n0,2", "7\n2-5\n0,1\n3,40",
            "1152921504606846976\n0-1152921504606846975\n0,255" }.Select(Encoding.UTF8.GetBytes)];

    public override bool IsText => true;

    public override long MostAllocated(int length) => (64 << 10) + 256L * length;

    public override string Run(ReadOnlyMemory<byte> input)
    {
        string[] lines = Encoding.UTF8.GetString(input.Span).Split('\n');
        SamplerState state;
        try
        {
            state = SamplerState.Read(field => field switch
            {
                "cursor" => lines[0],
                "tail" => lines.Length > 1 ? lines[1] : "",
                _ => lines.Length > 2 ? lines[2] : "",
            }, lines.Length > 3 ? lines[3] : "");
        }
        catch (FormatException)
        {
            return "refused";
        }
        var again = state.Describe().ToDictionary();
        Must(SamplerState.Read(field => again[field], again.GetValueOrDefault("batches", "")).Equals(state),
            "written and read again it is another");
        if (state.Batches.All(batch => batch <= BatchMax))
            Follow(state);
        return Accepted;
    }

    /// <summary>A plan that stands there can say what comes next.</summary>
    public static void Follow(SamplerState state)
    {
        var size = new BatchSize(32);
        Sampler sampler = state.Cursors.Count == 1
            ? new PooledSampler(1000, size, state) : new ShardedSampler(state.Cursors.Count, size, state);
        int samples = state.Members.Where(sampler.HasSamples).Take(3).Sum(member => sampler.Positions(member).Length);
        int most = state.Batches.Append(32).Max();
        Must(samples <= 3 * most, $"{samples} samples for three members, of at most {most} each");
    }
}
