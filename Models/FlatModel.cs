using DecentralizedLion.Models.Datasets;
using static TorchSharp.torch;

namespace DecentralizedLion.Models;

/// <summary>A network that classifies, with its parameters as flat vectors (<see cref="FlatParameters"/>). One thread at a time;
/// the step is synchronous. Owns the network.</summary>
sealed class FlatModel : IDisposable
{
    readonly nn.Module<Tensor, Tensor> network;
    readonly Classifier classifier;
    bool disposed;

    public FlatModel(nn.Module<Tensor, Tensor> network, Device device)
    {
        this.network = network;
        classifier = new Classifier(network, device);
        Parameters = new FlatParameters(NetworkParameters.Of(network, device));
        Buffers = new NetworkBuffers(network.named_buffers());
    }

    /// <summary>The parameters.</summary>
    public FlatParameters Parameters { get; }

    /// <summary>d, the number of parameters.</summary>
    public int Count => Parameters.Count;

    /// <summary>In the order of the flat vectors, without gaps.</summary>
    public IReadOnlyList<ParameterSlice> Layout => Parameters.Layout;

    /// <summary>The network's state beside its parameters, such as BatchNorm's statistics.</summary>
    public NetworkBuffers Buffers { get; }

    /// <summary>x[d] in host memory; on the CPU the parameters themselves. Elsewhere call <see cref="CopyWeightsToDevice"/> after
    /// writing.</summary>
    public Span<float> Weights => Parameters.Weights.Span;

    /// <summary>g[d] in host memory, as the last Backward left it. A parameter the loss did not touch has zeros.</summary>
    public Span<float> Gradient => Parameters.Gradient.Span;

    /// <summary>The gradient of the batch's mean cross-entropy into Gradient; returns that loss, finite or not.</summary>
    public float Backward(Batch batch) => Backward([batch]);

    /// <summary>The gradient of the mean over mini-batches into Gradient; see <see cref="Classifier.Backward"/>.</summary>
    public float Backward(IEnumerable<Batch> batches, double clip = 0)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        Parameters.ZeroGradient();
        var loss = classifier.Backward(batches, clip);
        Parameters.CollectGradient();
        return loss;
    }

    /// <inheritdoc cref="FlatParameters.CopyWeightsToDevice"/>
    public void CopyWeightsToDevice() => Parameters.CopyWeightsToDevice();

    /// <inheritdoc cref="Classifier.Evaluate"/>
    public Evaluation Evaluate(IDataSplit split, long maxSamples, int batch, Action<long>? report = null,
        CancellationToken stop = default)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        return classifier.Evaluate(split, maxSamples, batch, report, stop);
    }

    /// <inheritdoc cref="Classifier.Predict"/>
    public float[] Predict(Batch batch)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        return classifier.Predict(batch);
    }

    public void Dispose()
    {
        if (disposed)
            return;
        disposed = true;
        network.Dispose();
        Parameters.Dispose();
    }
}
