using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;

namespace DecentralizedLion.Codecs.Tests.Properties;

#pragma warning disable xUnit1000 // Internal, so that only PropertyPackageTests runs them: some are false.

[Properties(MaxTest = 7, Arbitrary = [typeof(Sevens)])]
sealed class Samples(Samples.Counter counter)
{
    [Property(MaxTest = 500)]
    public bool Below100(byte n)
    {
        counter.Calls++;
        return n < 100;
    }

    [Property(Replay = "(7,9)", MaxTest = 500)]
    public bool Replayed(int[] numbers)
    {
        counter.Calls++;
        return numbers.Length < 5;
    }

    [Property(Replay = "(7,9)", MaxTest = 40)]
    public void ReplayedAndTrue(byte n) => counter.Calls += n >= 0 ? 1 : 0;

    [Property(MaxTest = 33)]
    public void Counted(byte n) => counter.Calls += n >= 0 ? 1 : 0;

    [Property]
    public bool OfTheClass(int n)
    {
        counter.Calls++;
        return n == 7;
    }

    [Property(Arbitrary = [typeof(Eights)])]
    public bool OfTheMethod(int n) => n == 8;

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
    public Property Made(int n)
    {
        counter.Calls++;
        return (n == 7).Label("seven");
    }

    [Property]
    public Property Exhausted(int n) => true.When(n != 7);

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
