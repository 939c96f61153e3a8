using System.Text;
using DecentralizedLion.Peer.Cli.Dashboard.History;
using DecentralizedLion.Peer.Cli.Dashboard.Reading;
using DecentralizedLion.Peer.Metrics;

namespace DecentralizedLion.Peer.Tests.Cli.Dashboard;

public sealed class StepBucketsTests
{
    static StepRow Row(long step, string abstained = "", string away = "") =>
        StepLine.TryRead(Encoding.UTF8.GetBytes(EventLine.Write(MetricsWriter.Step(step, abstained, away))))!;

    static StepBuckets Filled(IEnumerable<long> steps)
    {
        var buckets = new StepBuckets();
        foreach (var step in steps)
            buckets.Add(Row(step, step % 10 == 0 ? "b" : "", step % 25 == 0 ? "c" : ""), step * 100);
        return buckets;
    }

    static IEnumerable<long> Steps(long from, long to)
    {
        for (var step = from; step <= to; step++)
            yield return step;
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(1, 512)]
    [InlineData(1, 513)]
    [InlineData(1, 100_000)]
    [InlineData(77_777, 100_000)]
    public void Any_number_of_steps_is_summed_up_in_few_buckets(long from, long to)
    {
        var buckets = Filled(Steps(from, to));
        Assert.InRange(buckets.All.Count, 1, StepBuckets.CountMax);
        Assert.InRange(buckets.All.Count, Math.Min(to - from + 1, StepBuckets.CountMax / 2), StepBuckets.CountMax);
        Assert.Equal(Steps(from, to).Count(), buckets.All.Sum(b => b.Count));
        Assert.Equal(from, buckets.All[0].First);
        Assert.Equal(to, buckets.All[^1].Last);
        foreach (var bucket in buckets.All)
        {
            var inside = Steps(bucket.First, bucket.Last).ToArray();
            Assert.Equal(inside.Length, bucket.Count);
            Assert.Single(inside.Select(step => StepBuckets.PlaceOf(step, buckets.Width)).Distinct());
            var loss = bucket[StepMetric.Loss];
            Assert.Equal(inside.Average(MetricsWriter.LossOf), loss.Mean!.Value, 12);
            Assert.Equal((MetricsWriter.LossOf(bucket.Last), MetricsWriter.LossOf(bucket.First)), (loss.Min, loss.Max));
            Assert.Null(bucket[StepMetric.Ties].Mean);
            Assert.Equal(inside.Count(step => step % 10 == 0), bucket.Absences.GetValueOrDefault("b").Abstained);
            Assert.Equal(inside.Count(step => step % 25 == 0), bucket.Absences.GetValueOrDefault("c").Away);
            Assert.Equal(bucket.First * 100, bucket.Offset);
            Assert.Equal(Row(bucket.Last).Digest, bucket.Digest);
        }
    }

    [Fact]
    public void Steps_that_are_done_again_count_once()
    {
        var buckets = Filled(Steps(1, 50).Concat(Steps(31, 40)));
        Assert.Equal(40, buckets.All.Count);
        Assert.Equal(Steps(1, 40), buckets.All.Select(b => b.First));
        Assert.All(buckets.All, b => Assert.Equal(1, b.Count));
    }

    [Fact]
    public void The_bucket_of_a_step_is_found_or_the_one_before()
    {
        var buckets = Filled(Steps(10, 20).Concat(Steps(30, 40)));
        Assert.Null(buckets.Find(9));
        Assert.Equal(10, buckets.Find(10)!.First);
        Assert.Equal(20, buckets.Find(25)!.First);
        Assert.Equal(40, buckets.Find(1000)!.First);
    }

    [Fact]
    public void Buckets_are_widened_to_those_of_another_peer()
    {
        var narrow = Filled(Steps(1, 100));
        var wide = MergedSteps.Widen(narrow, 8).ToArray();
        Assert.Equal(13, wide.Length);
        Assert.Equal(100, wide.Sum(b => b.Bucket.Count));
        Assert.Equal(100, narrow.All.Count);
        Assert.All(narrow.All, b => Assert.Equal(1, b.Count));
        Assert.All(wide, b => Assert.Equal(b.Place, StepBuckets.PlaceOf(b.Bucket.Last, 8)));
    }
}
