using DecentralizedLion.Models.Datasets;
using DecentralizedLion.Models.Networks;
using DecentralizedLion.Peer.Training;
using static TorchSharp.torch;

namespace DecentralizedLion.Peer.Tests.Training;

[Collection(SeededCollection.Name)]
public sealed class RunModelTests
{
    [Fact]
    public void Networks_that_are_made_at_once_have_the_weights_of_their_own_seeds()
    {
        using var data = new DataSettings("glyphs", Glyphs: new GlyphSettings(TrainCount: 10, TestCount: 10)).Open();
        float[][] alone = [Draw(0), Draw(1)];
        Assert.NotEqual(alone[0], alone[1]);
        var together = new float[32][];
        Parallel.For(0, together.Length, new ParallelOptions { MaxDegreeOfParallelism = 4 },
            at => together[at] = Draw((ulong)(at % 2)));
        for (var at = 0; at < together.Length; at++)
            Assert.Equal(alone[at % 2], together[at]);

        float[] Draw(ulong seed)
        {
            using var network = RunModel.CreateNetwork(new MlpSettings(Width: 64, Depth: 3), null, seed, data);
            using var scope = NewDisposeScope();
            return [.. network.parameters().SelectMany(parameter => parameter.data<float>())];
        }
    }
}
