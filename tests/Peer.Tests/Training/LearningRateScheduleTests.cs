using DecentralizedLion.Codecs;
using DecentralizedLion.Peer.Training;

namespace DecentralizedLion.Peer.Tests.Training;

public class LearningRateScheduleTests
{
    [Fact]
    public void The_polynomial_is_the_cosine()
    {
        for (var i = 0; i <= 10_000; i++)
            Assert.InRange(Math.Abs(DeterministicMath.CosPi(i / 10_000.0) - Math.Cos(Math.PI * i / 10_000.0)), 0, 1e-11);
        Assert.Equal(0.0, DeterministicMath.CosPi(0.5));
    }

    [Fact]
    public void Warm_up_rises_to_the_peak_and_the_cosine_falls_to_the_final_fraction()
    {
        var schedule = new LearningRateSchedule(peak: 0.001, steps: 1000, warmup: 100, finalFraction: 0.1);
        Assert.Equal(0.00001f, schedule.LearningRate(0));
        Assert.Equal(0.001f, schedule.LearningRate(99));
        Assert.Equal(0.001f, schedule.LearningRate(100));
        Assert.Equal(0.00055f, schedule.LearningRate(550), 1e-9f);
        Assert.Equal(0.0001f, schedule.LearningRate(1000), 1e-10f);
        Assert.Equal(schedule.LearningRate(1000), schedule.LearningRate(long.MaxValue));
        for (var step = 100; step < 1000; step++)
            Assert.True(schedule.LearningRate(step + 1) <= schedule.LearningRate(step));
    }

    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(1, 0, 0)]
    [InlineData(1, 1, 1)]
    public void Corners_are_finite(long steps, long warmup, double final)
    {
        var schedule = new LearningRateSchedule(1, steps, warmup, final);
        Assert.All([0, 1, 2], step => Assert.True(float.IsFinite(schedule.LearningRate(step))));
    }

    /// <summary>The bits themselves: a platform that computes others would part from its peers.</summary>
    [Theory]
    [InlineData(0, 0x36C9539Cu)]
    [InlineData(7, 0x3849539Cu)]
    [InlineData(49, 0x399D4952u)]
    [InlineData(50, 0x399D4952u)]
    [InlineData(51, 0x399D494Bu)]
    [InlineData(400, 0x3991B86Bu)]
    [InlineData(1025, 0x39252696u)]
    [InlineData(1500, 0x387691D3u)]
    [InlineData(1999, 0x377BA94Eu)]
    [InlineData(2000, 0x377BA882u)]
    public void Golden_bits(long step, uint bits) =>
        Assert.Equal(bits, BitConverter.SingleToUInt32Bits(new LearningRateSchedule(0.0003, 2000, 50, 0.05).LearningRate(step)));

    [Theory]
    [InlineData(0.0003f, 0.1f, 0x3F7FFE09u)]
    [InlineData(0.001f, 1f, 0x3F7FBE77u)]
    [InlineData(0.25f, 0f, 0x3F800000u)]
    public void Golden_decay(float learningRate, float weightDecay, uint bits) =>
        Assert.Equal(bits, BitConverter.SingleToUInt32Bits(LearningRateSchedule.Decay(learningRate, weightDecay)));
}
