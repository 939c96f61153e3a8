using TorchSharp;
using static TorchSharp.torch;

namespace DecentralizedLion.Models.Networks;

/// <summary>The rules that a TorchScript network must keep to be trained here.</summary>
static class TorchScriptChecks
{
    /// <summary>Refuses parameters of other types than Float32, frozen ones, and a network without any.</summary>
    public static void CheckParameters(string path, jit.ScriptModule<Tensor, Tensor> network)
    {
        var problems = new List<string>();
        var count = 0;
        foreach (var (name, parameter) in network.named_parameters())
        {
            count++;
            if (parameter.dtype != float32)
                problems.Add($"{name} is {parameter.dtype}, and must be Float32");
            if (!parameter.requires_grad)
                problems.Add($"{name} is frozen (requires_grad is False)");
        }
        if (count == 0)
            throw TorchScriptFile.Wrong(path, "has no parameters to train; torch.jit.freeze, for one, turns them into constants");
        if (problems.Count > 0)
            throw TorchScriptFile.Wrong(path, $"has parameters that cannot be trained: {ProblemList.Of(problems)}");
    }

    /// <summary>Refuses a network whose result for samples of this shape is no row of logits for each sample, or for each
    /// token.</summary>
    public static void CheckForward(string path, jit.ScriptModule<Tensor, Tensor> network, long[] shape, int classes)
    {
        using var scope = NewDisposeScope();
        var isOfTokens = shape.Length == 2;
        long[] expected = isOfTokens ? [.. shape, classes] : [shape[0], classes];
        // The last token of the vocabulary finds an embedding that is too small for it.
        using Scalar last = classes - 1L;
        using var input = isOfTokens ? full(shape, last, int64) : zeros(shape, float32);
        Tensor output;
        try
        {
            output = network.call(input);
        }
        catch (InvalidCastException e)
        {
            throw Misfit("something other than one tensor", e);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            throw Misfit($"nothing, but an error: {TorchScriptError.Reason(e)}", e);
        }
        if (output.dtype != float32 || !output.shape.SequenceEqual(expected))
            throw Misfit(Text(output));
        if (!output.requires_grad)
            throw Misfit($"{Text(output)} that does not depend on its parameters");

        ArgumentException Misfit(string made, Exception? inner = null) => TorchScriptFile.Wrong(path,
            $"forward does not fit the data: from {Text(input)} it makes {made}; expected is Float32 {Shape.Text(expected)}, "
            + (isOfTokens ? "[batch, tokens, classes]" : "[batch, classes]"), inner);
    }

    static string Text(Tensor tensor) => $"{tensor.dtype} {Shape.Text(tensor.shape)}";
}
