using FsCheck;
using FsCheck.Fluent;

namespace DecentralizedLion.Models.Tests.Data;

public sealed class SlotTests
{
    [Fact]
    public void The_slots_of_a_step_cover_its_batch_once() => Prop.ForAll<byte[], uint>((sizes, cursor) =>
    {
        var batches = sizes.Select(size => (int)size).ToArray();
        var positions = Slot.Layout(batches).SelectMany(slot => slot.Positions(cursor));
        return positions.SequenceEqual(Enumerable.Range(0, batches.Sum()).Select(i => cursor + (long)i));
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Over_an_epoch_each_sample_is_read_once_whoever_takes_part() =>
        Prop.ForAll<byte[], byte, ulong>((sizes, more, seed) =>
        {
            // Steps of peers that come and go: the slots change from step to step, the cursor goes on.
            var steps = sizes.Select(size => new int[] { size % 5, size % 3, 1 + (size % 7) }).ToList();
            var count = steps.Sum(step => step.Sum()) + more;
            if (count == 0)
                return true;
            steps.Add([more]);
            var order = new SampleOrder(seed, count);
            var seen = new List<long>();
            long cursor = 3L * count;
            foreach (var step in steps)
            {
                foreach (var slot in Slot.Layout(step))
                    seen.AddRange(slot.Samples(order, cursor));
                cursor += step.Sum();
            }
            return seen.Order().SequenceEqual(Enumerable.Range(0, count).Select(i => (long)i));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Wrong_arguments_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Slot.Layout([4, -1]));
        Assert.Throws<OverflowException>(() => Slot.Layout([int.MaxValue, 1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Slot(0, 1).Positions(-1));
    }
}
