using DecentralizedLion.Models.Networks;
using static TorchSharp.torch;

namespace DecentralizedLion.Models.Tests.Networks;

/// <summary>Tests of networks that PyTorch saved as TorchScript, made by a Python program.</summary>
public sealed class TorchScriptTests(ScriptFiles files) : IClassFixture<ScriptFiles>
{
    [PythonTheory("torch")]
    [InlineData("conv", 0)]
    [InlineData("tied", 16)]
    public void A_file_has_the_loss_and_the_gradient_that_PyTorch_computes(string name, int vocabulary)
    {
        using var model = files.Model(name, vocabulary);
        var loss = model.Backward(files.Batch(name));
        Assert.Equal(files.Numbers<float>(name, "loss")[0], loss, 1e-6f);
        var expected = files.Numbers<float>(name, "gradient");
        Assert.Equal(expected.Length, model.Count);
        for (var i = 0; i < expected.Length; i++)
            Assert.Equal(expected[i], model.Gradient[i], 1e-6f);
    }

    [PythonFact("torch")]
    public void Parameters_have_the_names_that_PyTorch_gives_them_and_tied_ones_lie_in_the_vector_once()
    {
        using var conv = files.Model("conv");
        Assert.Equal(["conv.weight", "conv.bias", "fc.weight", "fc.bias"], conv.Layout.Select(slice => slice.Name));
        using var tied = files.Model("tied", 16);
        Assert.Equal(["emb.weight", "mix.weight", "mix.bias"], tied.Layout.Select(slice => slice.Name));

        using var network = NetworkFactory.Create(new TorchScriptSettings(files.Path("tied"), 6), [6], 16);
        Assert.Equal(["emb.weight head.weight", "mix.weight", "mix.bias"],
            TiedParameter.Of(network.named_parameters()).Select(tied => string.Join(' ', tied.Names)));
    }

    [PythonFact("torch")]
    public void A_step_on_a_tied_weight_is_seen_where_it_embeds_and_where_it_reads_out()
    {
        using var model = files.Model("tied", 16);
        var batch = files.Batch("tied");
        var before = model.Backward(batch);
        for (var step = 0; step < 200; step++)
        {
            for (var i = 0; i < model.Count; i++)
                model.Weights[i] -= 0.1f * model.Gradient[i];
            model.Backward(batch);
        }
        Assert.InRange(model.Backward(batch), 0, before / 2);
        // Were the two separate, the second would still be as in the file.
        using var network = NetworkFactory.Create(new TorchScriptSettings(files.Path("tied"), 6), [6], 16);
        using var flat = new FlatModel(network, CPU);
        flat.Weights.Fill(1);
        Assert.All(network.named_parameters(), one => Assert.Equal(1, one.parameter.mean().item<float>()));
    }

    [PythonFact("torch")]
    public void Dropout_is_on_in_training_and_off_in_evaluation()
    {
        using var model = files.Model("dropout");
        var batch = Cases.Batch([1, 16, 16], 10, 5, seed: 2);
        Assert.NotEqual(model.Backward(batch), model.Backward(batch));
        Assert.Equal(model.Predict(batch), model.Predict(batch));
        Assert.NotEqual(model.Backward(batch), model.Backward(batch));
    }

    [PythonFact("torch")]
    public void Buffers_are_known()
    {
        using var model = files.Model("norm");
        Assert.Equal(20, model.Buffers.Count);
        Assert.True(float.IsFinite(model.Backward(Cases.Batch([1, 16, 16], 10, 5, seed: 2))));
    }

    [PythonFact("torch")]
    public void What_is_saved_loads_with_the_weights_it_had()
    {
        var settings = new TorchScriptSettings(files.Path("conv"));
        using var network = (TorchScriptNetwork)NetworkFactory.Create(settings, [1, 16, 16], 10);
        using var model = new FlatModel(network, CPU);
        for (var i = 0; i < model.Count; i++)
            model.Weights[i] = i * 1e-4f;
        var saved = files.Path("saved");
        network.Save(saved);
        using var again = files.Model("saved");
        Assert.Equal(model.Weights, again.Weights);
        Assert.Equal(model.Layout.Select(slice => slice.Name), again.Layout.Select(slice => slice.Name));
    }

    [PythonTheory("torch")]
    [InlineData("frozen", "has parameters that cannot be trained: fc.weight is frozen (requires_grad is False); "
        + "low.weight is Float16, and must be Float32; low.bias is Float16, and must be Float32")]
    [InlineData("many", "layers.4.bias is Float64, and must be Float32; and 2 more")]
    [InlineData("bare", "has no parameters to train; torch.jit.freeze, for one, turns them into constants")]
    [InlineData("tuple", "from Float32 [1, 1, 16, 16] it makes something other than one tensor; expected is Float32 [1, 10], "
        + "[batch, classes]")]
    [InlineData("two", "it makes nothing, but an error: forward() is missing value for argument 'y'")]
    [InlineData("one", "from Float32 [2, 1, 16, 16] it makes nothing, but an error: RuntimeError: shape '[1, 256]' is invalid "
        + "for input of size 512; expected is Float32 [2, 10], [batch, classes]")]
    [InlineData("twelve", "forward does not fit the data: from Float32 [1, 1, 16, 16] it makes Float32 [1, 12]; "
        + "expected is Float32 [1, 10], [batch, classes]")]
    [InlineData("detached", "it makes Float32 [1, 10] that does not depend on its parameters")]
    [InlineData("state", "holds no code, so it is not TorchScript (torch.save writes such files); expected a file made by "
        + "torch.jit.script(network).save(file)")]
    public void A_file_that_cannot_be_trained_is_refused_with_the_reason(string name, string message)
    {
        var error = Assert.Throws<ArgumentException>(() => files.Model(name)).Message;
        Assert.StartsWith($"model.path: {files.Path(name)}: ", error);
        Assert.Contains(message, error);
        Assert.DoesNotContain('\n', error);
    }

    [PythonTheory("torch")]
    [InlineData(17, "from Int64 [1, 6] it makes nothing, but an error: ", "expected is Float32 [1, 6, 17], [batch, tokens, ")]
    [InlineData(12, "from Int64 [1, 6] it makes Float32 [1, 6, 16]; ", "expected is Float32 [1, 6, 12], [batch, tokens, ")]
    public void A_vocabulary_of_another_size_is_refused(int vocabulary, params string[] messages)
    {
        var error = Assert.Throws<ArgumentException>(() => files.Model("tied", vocabulary)).Message;
        Assert.All(messages, message => Assert.Contains(message, error));
    }

    [PythonFact("torch")]
    public void A_damaged_file_is_refused()
    {
        var whole = File.ReadAllBytes(files.Path("conv"));
        File.WriteAllBytes(files.Path("half"), whole[..(whole.Length / 2)]);
        Assert.Equal($"model.path: {files.Path("half")}: is damaged: it begins as TorchScript and does not end as such",
            Assert.Throws<ArgumentException>(() => files.Model("half")).Message);
    }

    [Fact]
    public void A_path_without_a_TorchScript_file_is_refused()
    {
        var folder = Directory.CreateTempSubdirectory("no-script");
        try
        {
            var text = Path.Combine(folder.FullName, "text.pt");
            File.WriteAllText(text, "not a network");
            Assert.Equal($"model.path: {text}: is not TorchScript; expected a file made by torch.jit.script(network).save(file)",
                Refusal(text));
            Assert.Contains("is a folder; expected", Refusal(folder.FullName));
            Assert.Contains("nowhere.pt: does not exist; expected", Refusal(Path.Combine(folder.FullName, "nowhere.pt")));
        }
        finally
        {
            folder.Delete(recursive: true);
        }

        static string Refusal(string path) => Assert.Throws<ArgumentException>(
            () => NetworkFactory.Create(new TorchScriptSettings(path), [1, 16, 16], 10)).Message;
    }
}
