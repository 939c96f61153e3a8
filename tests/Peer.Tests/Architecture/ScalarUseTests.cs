using System.Reflection;
using DecentralizedLion.Models;
using DecentralizedLion.Peer.Cli;
using TorchSharp;

namespace DecentralizedLion.Peer.Tests.Architecture;

/// <summary>
/// TorchSharp turns a number into an object that nothing holds while libtorch reads it, so that a garbage collection on another
/// thread can free it in the middle of an operation. Only operations that keep it alive are called.
/// </summary>
public sealed class ScalarUseTests
{
    static readonly Lazy<HashSet<MethodBase>> unsafeMethods = new(Unsafe);

    public static TheoryData<Type> Ours => [typeof(FlatParameters), typeof(DistributedLion), typeof(ExitCode)];

    [Fact]
    public void A_plus_of_two_tensors_is_found()
    {
        Func<torch.Tensor, torch.Tensor, torch.Tensor> sum = (left, right) => left + right;
        Assert.Contains(MethodCalls.Of(sum.Method), unsafeMethods.Value.Contains);
    }

    [Theory]
    [MemberData(nameof(Ours))]
    public void Numbers_are_kept_alive_while_libtorch_reads_them(Type one) =>
        Assert.Empty(from method in MethodCalls.MethodsOf(one.Assembly)
                     from called in MethodCalls.Of(method).Distinct()
                     where unsafeMethods.Value.Contains(called) || (IsConversion(called) && !Disposes(method))
                     select $"{method.DeclaringType?.Name}.{method.Name} calls {called}");

    static bool IsConversion(MethodBase method) =>
        (method.DeclaringType == typeof(Scalar) && method.Name == "op_Implicit")
        || method.DeclaringType == typeof(ScalarExtensionMethods);

    // As `using` does; what a static constructor makes, a field keeps.
    static bool Disposes(MethodBase method) => method is ConstructorInfo { IsStatic: true }
        || MethodCalls.Of(method).Any(called => called.Name == nameof(IDisposable.Dispose));

    /// <summary>TorchSharp's methods that convert a number themselves, or call one that does.</summary>
    static HashSet<MethodBase> Unsafe()
    {
        (MethodBase Method, IReadOnlyList<MethodBase> Called)[] all = [.. MethodCalls.MethodsOf(typeof(torch).Assembly)
            .Where(method => !IsConversion(method)).Select(method => (method, MethodCalls.Of(method)))];
        HashSet<MethodBase> found = [];
        while (all.Where(one => one.Called.Any(called => IsConversion(called) || found.Contains(called)))
            .Count(one => found.Add(one.Method)) > 0)
        {
        }
        return found;
    }
}
