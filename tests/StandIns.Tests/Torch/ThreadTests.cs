using static TorchSharp.torch;

namespace DecentralizedLion.StandIns.Tests.Torch;

[Collection(nameof(Alone))]
public sealed class ThreadTests
{
    [Fact]
    public void The_number_of_threads_is_kept()
    {
        int before = get_num_threads();
        set_num_threads(1);
        Assert.Equal(1, get_num_threads());
        set_num_threads(before);
    }
}
