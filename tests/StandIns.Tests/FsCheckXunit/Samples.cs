using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;

namespace DecentralizedLion.StandIns.Tests.FsCheckXunit;

#pragma warning disable xUnit1000 // Internal, so that only PropertyTests runs them: some are false.

[Properties(MaxTest = 7, Arbitrary = [typeof(Sevens)])]
sealed class Samples(Samples.Counter counter)
{
    public static int StaticCalls { get; private set; }

    [Property(MaxTest = 500)]
    public bool Below100(byte n)
    {
        counter.Calls++;
        return n < 100;
    }

    [Property(Replay = "(7,9)", MaxTest = 500)]
    public bool Repeated(int[] numbers) => numbers.Length < 5;

    [Property(MaxTest = 33)]
    public void Counted(int n) => counter.Calls += n == int.MinValue ? 1 : 1;

    [Property]
    public bool FromTheClass(int n)
    {
        counter.Calls++;
        return n == 7;
    }

    [Property(Arbitrary = [typeof(Eights)])]
    public bool MethodFirst(int n) => n == 8;

    [Property]
    public void Throws(int n) => throw new InvalidOperationException($"thrown for {n}");

    [Property]
    public async Task Awaits(int n)
    {
        await Task.Yield();
        counter.Calls++;
        Assert.Equal(7, n);
    }

    [Property]
    public async Task AwaitsAndFails(int n)
    {
        await Task.Yield();
        Assert.Equal(0, n);
    }

    [Property]
    public Property MadeProperty(int n) => (n == 7).Label("seven");

    [Property]
    public Property Exhausted(int n) => true.When(n != 7);

    [Property(Skip = "not now")]
    public bool Skipped(int n) => n == 0;

    [Property(Replay = "five")]
    public bool BadReplay(int n) => n == 7;

    [Property]
    public static void Static(int n) => StaticCalls += n == 7 ? 1 : 0;

    internal sealed class Counter
    {
        public int Calls { get; set; }
    }

    internal static class Sevens
    {
        public static Arbitrary<int> Int() => Gen.Constant(7).ToArbitrary();
    }

    internal static class Eights
    {
        public static Arbitrary<int> Int() => Gen.Constant(8).ToArbitrary();
    }
}
