using System.Runtime.InteropServices;
using DecentralizedLion.Models.Networks;
using DecentralizedLion.Peer.Training;
using static TorchSharp.torch;

namespace DecentralizedLion.Peer.Tests.Training;

public sealed class MemoryShortageTests
{
    [Fact]
    public void A_tensor_that_no_memory_holds_is_said_with_its_size_and_the_thing_to_do()
    {
        var error = Assert.ThrowsAny<Exception>(() => zeros(1L << 60, int8));
        var text = MemoryShortage.Of(error);
        Assert.Contains("not enough memory for a tensor of 1073741824.0 GiB. A smaller network needs less", text);
    }

    [Theory]
    [InlineData("CUDA out of memory. Tried to allocate 2.50 GiB. GPU 0 has a total capacity of 1.00 GiB",
        "not enough memory for a tensor of 2.50 GiB. ")]
    [InlineData("[enforce fail at alloc_cpu.cpp:124] err == 0. DefaultCPUAllocator: can't allocate memory: you tried to allocate "
        + "3221225472 bytes. Error code 12 (Cannot allocate memory)", "not enough memory for a tensor of 3.0 GiB. ")]
    [InlineData("mat1 and mat2 shapes cannot be multiplied (2x3 and 4x5)", null)]
    public void Only_an_allocator_s_errors_are_taken_for_one(string message, string? said)
    {
        var text = MemoryShortage.Of(new ExternalException(message));
        if (said is null)
            Assert.Null(text);
        else
            Assert.StartsWith(said, text);
    }

    [Fact]
    public void A_network_larger_than_the_host_is_refused_by_its_count()
    {
        var size = new NetworkSize(1_000_000_000, 10);
        Assert.Null(MemoryShortage.Of(size, 8_000_000_000));
        Assert.Null(MemoryShortage.Of(null, 1));
        Assert.Null(MemoryShortage.Of(size, 0)); // nobody knows
        Assert.Equal("the network has 1000000000 parameters, whose weights and gradient are 7.5 GiB; the program may use "
            + "7.0 GiB of memory here. A smaller model.width or model.depth needs less", MemoryShortage.Of(size, 7L << 30));
    }
}
