using System.Runtime.InteropServices;
using DecentralizedLion.Models.Datasets;
using DecentralizedLion.Models.Vectors;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace DecentralizedLion.Models;

/// <summary>The loss, gradient, evaluation and prediction of a network that classifies samples, or tokens. It owns
/// nothing.</summary>
/// <param name="network">Gives one row of logits for each sample, or for each token.</param>
/// <param name="device">The device that it is on.</param>
sealed class Classifier(nn.Module<Tensor, Tensor> network, Device device)
{
    Parameter[]? parameters;

    /// <summary>The mean cross-entropy of a batch, in nats: a scalar with its graph, in the caller's dispose scope.</summary>
    public Tensor Loss(Batch batch) => nn.functional.cross_entropy(Logits(batch), Targets(batch));

    /// <summary>Adds the gradient of the mean over mini-batches to the parameters' gradients, which are zero before, and scales
    /// it down to a length.</summary>
    /// <param name="batches">The mini-batches; read one after the other.</param>
    /// <param name="clip">The length that the gradient has at most; 0 for any.</param>
    /// <returns>The mean of the losses, finite or not.</returns>
    public float Backward(IEnumerable<Batch> batches, double clip = 0)
    {
        var (sum, count) = (0f, 0);
        foreach (var batch in batches)
        {
            using var scope = NewDisposeScope();
            var loss = Loss(batch);
            loss.backward();
            sum += loss.cpu().item<float>();
            count++;
        }
        if (count > 1)
            Divide(count);
        if (clip > 0)
        {
            using var scope = NewDisposeScope();
            nn.utils.clip_grad_norm_(Parameters, clip);
        }
        return sum / count;
    }

    /// <summary>Measures the part's first samples.</summary>
    /// <param name="split">The part.</param>
    /// <param name="maxSamples">The most samples.</param>
    /// <param name="batch">Samples at once.</param>
    /// <param name="report">Takes the number of samples measured so far, after each batch.</param>
    /// <param name="stop">Ends it after a batch.</param>
    /// <exception cref="OperationCanceledException">It was ended.</exception>
    public Evaluation Evaluate(IDataSplit split, long maxSamples, int batch, Action<long>? report = null,
        CancellationToken stop = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(maxSamples);
        ArgumentOutOfRangeException.ThrowIfLessThan(batch, 1);
        network.eval();
        try
        {
            return Measure(split, Math.Min(split.Count, maxSamples), batch, report, stop);
        }
        finally
        {
            network.train();
        }
    }

    Evaluation Measure(IDataSplit split, long samples, int batch, Action<long>? report, CancellationToken stop)
    {
        long predictions = 0;
        double loss = 0, right = 0;
        var indices = new long[batch];
        using var quiet = no_grad();
        for (long first = 0; first < samples; first += batch)
        {
            stop.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            int size = (int)Math.Min(batch, samples - first);
            for (int i = 0; i < size; i++)
                indices[i] = first + i;
            var read = split.Read(indices.AsSpan(0, size));
            var (logits, targets) = (Logits(read), Targets(read));
            loss += (double)nn.functional.cross_entropy(logits, targets).cpu().item<float>() * read.Targets.Length;
            right += logits.argmax(1).eq(targets).sum().cpu().item<long>();
            predictions += read.Targets.Length;
            report?.Invoke(first + size);
        }
        return predictions == 0 ? default : new(loss / predictions, right / predictions, samples, predictions);
    }

    /// <summary>The network's output for a batch, whose targets are not looked at: rows of logits, one after the other.</summary>
    public float[] Predict(Batch batch)
    {
        network.eval();
        using var quiet = no_grad();
        using var scope = NewDisposeScope();
        var logits = Logits(batch).cpu().contiguous();
        network.train();
        return MemoryMarshal.Cast<byte, float>(logits.bytes).ToArray();
    }

    /// <summary>[rows, classes], rows being samples or, for a language model, tokens.</summary>
    Tensor Logits(Batch batch)
    {
        var input = batch.Images is { } images
            ? HostCopy.Of(images, batch.InputShape, device)
            : HostCopy.Of(batch.Tokens!, batch.InputShape, device);
        var logits = network.call(input);
        return logits.ndim == 2 ? logits : logits.flatten(0, -2);
    }

    Tensor Targets(Batch batch) => HostCopy.Of(batch.Targets, [batch.Targets.Length], device);

    void Divide(int count)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        foreach (var parameter in Parameters)
            parameter.grad?.Divide(count);
    }

    /// <summary>Each parameter once: tied weights have one gradient.</summary>
    Parameter[] Parameters => parameters ??= [.. TiedParameter.Of(network.named_parameters()).Select(tied => tied.First)];
}
