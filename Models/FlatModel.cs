using System.Runtime.InteropServices;
using DecentralizedLion.Models.Datasets;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace DecentralizedLion.Models;

/// <summary>
/// A network whose parameters are views of one flat fp32 vector and whose gradients are views of another, so that a step reads
/// and writes two arrays. One thread at a time; the step is synchronous. Owns the network.
/// </summary>
public sealed unsafe class FlatModel : IDisposable
{
    readonly nn.Module<Tensor, Tensor> network;
    readonly Device device;
    readonly Parameter[] parameters;
    readonly Tensor weights, gradient;
    readonly bool onHost;
    readonly Tensor hostWeights, hostGradient;
    readonly float* weightsAt;
    readonly float* gradientAt;
    bool viewsChecked, disposed;

    public FlatModel(nn.Module<Tensor, Tensor> network, Device device)
    {
        this.network = network;
        this.device = device;
        // Moving replaces parameters, so it comes before they are made views.
        network.to(device);
        parameters = [.. network.parameters()];
        Layout = BuildLayout(network, out int count);
        Count = count;
        HasBuffers = network.buffers().Any();

        weights = zeros(count, float32, device).DetachFromDisposeScope();
        gradient = zeros(count, float32, device).DetachFromDisposeScope();
        onHost = device.type == DeviceType.CPU;
        if (onHost)
            HostAllocator.KeepFreed();
        hostWeights = onHost ? weights : Pinned(count);
        hostGradient = onHost ? gradient : Pinned(count);
        weightsAt = AddressOf(hostWeights);
        gradientAt = AddressOf(hostGradient);
        Flatten();
        if (!onHost)
            hostWeights.copy_(weights);
    }

    /// <summary>d, the number of parameters.</summary>
    public int Count { get; }

    /// <summary>In the order of the flat vectors, without gaps.</summary>
    public IReadOnlyList<ParameterSlice> Layout { get; }

    /// <summary>True when the network has state outside the vote, such as BatchNorm's statistics.</summary>
    public bool HasBuffers { get; }

    /// <summary>x[d] in host memory; on the CPU the parameters themselves. Elsewhere call Publish after writing.</summary>
    public Span<float> Weights => Span(weightsAt);

    /// <summary>g[d] in host memory, as the last Backward left it. A parameter the loss did not touch has zeros.</summary>
    public Span<float> Gradient => Span(gradientAt);

    /// <summary>The gradient of the batch's mean cross-entropy into Gradient; returns that loss, finite or not.</summary>
    public float Backward(Batch batch)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        using var scope = NewDisposeScope();
        gradient.zero_();
        var loss = nn.functional.cross_entropy(Logits(batch), Targets(batch));
        loss.backward();
        CheckViews();
        if (!onHost)
            hostGradient.copy_(gradient);
        return loss.cpu().item<float>();
    }

    /// <summary>Host weights to the device; on the CPU they are one and the same.</summary>
    public void CopyWeightsToDevice()
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        if (!onHost)
            weights.copy_(hostWeights);
    }

    /// <summary>Over the part's first samples, at most maxSamples of them, batch at a time.</summary>
    public Evaluation Evaluate(IDataSplit split, long maxSamples, int batch)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        ArgumentOutOfRangeException.ThrowIfNegative(maxSamples);
        ArgumentOutOfRangeException.ThrowIfLessThan(batch, 1);
        long samples = Math.Min(split.Count, maxSamples), predictions = 0;
        double loss = 0, right = 0;
        var indices = new long[batch];
        network.eval();
        using var quiet = no_grad();
        for (long first = 0; first < samples; first += batch)
        {
            using var scope = NewDisposeScope();
            int size = (int)Math.Min(batch, samples - first);
            for (int i = 0; i < size; i++)
                indices[i] = first + i;
            var read = split.Read(indices.AsSpan(0, size));
            var (logits, targets) = (Logits(read), Targets(read));
            loss += (double)nn.functional.cross_entropy(logits, targets).cpu().item<float>() * read.Targets.Length;
            right += logits.argmax(1).eq(targets).sum().cpu().item<long>();
            predictions += read.Targets.Length;
        }

        network.train();
        return predictions == 0 ? default : new(loss / predictions, right / predictions, samples, predictions);
    }

    /// <summary>The network's output for a batch, whose targets are not looked at: rows of logits, one after the other.</summary>
    public float[] Predict(Batch batch)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        network.eval();
        using var quiet = no_grad();
        using var scope = NewDisposeScope();
        var logits = Logits(batch).cpu().contiguous();
        network.train();
        return MemoryMarshal.Cast<byte, float>(logits.bytes).ToArray();
    }

    public void Dispose()
    {
        if (disposed)
            return;
        disposed = true;
        network.Dispose();
        foreach (var tensor in new[] { weights, gradient, hostWeights, hostGradient })
            tensor.Dispose();
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

    void Flatten()
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        foreach (var (parameter, slice) in parameters.Zip(Layout))
        {
            var weight = weights.narrow(0, slice.Offset, slice.Length).view(slice.Shape);
            weight.copy_(parameter);
            parameter.set_(weight);
            parameter.grad = gradient.narrow(0, slice.Offset, slice.Length).view(slice.Shape);
        }
    }

    /// <summary>After the first backward pass: autograd adds into the views unless something cut them loose.</summary>
    void CheckViews()
    {
        if (viewsChecked)
            return;
        foreach (var (parameter, slice) in parameters.Zip(Layout))
        {
            using var found = parameter.grad;
            if (found is null || found.storage_offset() != slice.Offset || found.NumberOfElements != slice.Length
                || parameter.storage_offset() != slice.Offset)
                throw new InvalidOperationException($"the gradient of {slice.Name} is no longer a view of the flat gradient");
        }

        viewsChecked = true;
    }

    Span<float> Span(float* at)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        return new(at, Count);
    }

    static ParameterSlice[] BuildLayout(nn.Module<Tensor, Tensor> network, out int count)
    {
        var layout = new List<ParameterSlice>();
        long offset = 0;
        foreach (var (name, parameter) in network.named_parameters())
        {
            if (parameter.dtype != float32)
                throw new ArgumentException($"parameter {name} is {parameter.dtype}; allowed is Float32");
            if (!parameter.requires_grad)
                throw new ArgumentException($"parameter {name} does not require a gradient; every parameter must");
            long length = parameter.NumberOfElements;
            if (offset + length > int.MaxValue)
                throw new ArgumentException($"the network has more than {int.MaxValue} parameters, which is the most allowed");
            layout.Add(new(name, parameter.shape, (int)offset, (int)length));
            offset += length;
        }

        if (offset == 0)
            throw new ArgumentException("the network has no parameters");
        count = (int)offset;
        return [.. layout];
    }

    static Tensor Pinned(int count)
    {
        using var pageable = zeros(count, float32).DetachFromDisposeScope();
        return pageable.pin_memory().DetachFromDisposeScope();
    }

    /// <summary>The address of the first element: a span of bytes could not reach beyond 2 GiB.</summary>
    static float* AddressOf(Tensor host)
    {
        using var first = host.narrow(0, 0, 1).DetachFromDisposeScope();
        fixed (byte* at = first.bytes)
            return (float*)at;
    }
}
