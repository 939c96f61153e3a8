using DecentralizedLion.Models.Vectors;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace DecentralizedLion.Models;

/// <summary>
/// The parameters of a network as views of one flat fp32 vector, and their gradients as views of another, so that a step reads
/// and writes two arrays. One thread at a time. The network stays its owner's.
/// </summary>
sealed unsafe class FlatParameters : IDisposable
{
    // Views begin behind a margin: a tensor of somebody else's, which begins at 0, is told from a view by its offset alone.
    const int Margin = 16;

    /// <summary>The most parameters of a network.</summary>
    public const int CountMax = int.MaxValue - Margin;

    /// <summary>The tensors of each parameter: several where weights are tied and have gradients of their own.</summary>
    readonly Parameter[][] parameters;
    readonly Tensor[] gradients;
    readonly Tensor weightStore, gradientStore, weights, gradient;
    readonly Tensor? hostWeights, hostGradient;
    readonly FlatVector weightVector, gradientVector;
    bool disposed;

    /// <inheritdoc cref="FlatParameters(IReadOnlyList{TiedParameter}, VectorPlacement)"/>
    /// <param name="named">The parameters with their names.</param>
    /// <param name="placement">Where the vectors lie.</param>
    public FlatParameters(IEnumerable<(string Name, Parameter Parameter)> named,
        VectorPlacement placement = VectorPlacement.Host)
        : this(TiedParameter.Of(named), placement)
    {
    }

    /// <summary>Makes the parameters that require a gradient views of the flat vectors; their values stay. Others are left as
    /// they are. Tied weights count once, and their gradients add up. Move the network to its device before.</summary>
    /// <param name="all">The parameters.</param>
    /// <param name="placement">Where <see cref="Weights"/>, <see cref="Gradient"/> and what is made at <see cref="Place"/>
    /// lie.</param>
    /// <exception cref="ArgumentException">A parameter is not fp32 or on another device than the first, or there is
    /// none.</exception>
    public FlatParameters(IReadOnlyList<TiedParameter> all, VectorPlacement placement = VectorPlacement.Host)
    {
        TiedParameter[] chosen = [.. all.Where(parameter => parameter.IsTrained)];
        Layout = BuildLayout(chosen, out int count);
        Count = count;
        Device = chosen[0].First.device;
        weightStore = zeros(Margin + (long)count, float32, Device).DetachFromDisposeScope();
        gradientStore = zeros(Margin + (long)count, float32, Device).DetachFromDisposeScope();
        (weights, gradient) = (Whole(weightStore), Whole(gradientStore));
        var onHost = Device.type == DeviceType.CPU;
        if (onHost)
            HostAllocator.KeepFreed();
        IsCopied = !onHost && placement == VectorPlacement.Host;
        if (IsCopied)
            (hostWeights, hostGradient) = (Pinned(count), Pinned(count));
        if (placement == VectorPlacement.Device)
        {
            var place = new DevicePlace(Device);
            Place = place;
            (weightVector, gradientVector) = (new DeviceVector(weights, place), new DeviceVector(gradient, place));
        }
        else
        {
            Place = VectorPlace.Host;
            (weightVector, gradientVector) = (OnHost(hostWeights ?? weights), OnHost(hostGradient ?? gradient));
        }
        (parameters, gradients) = Flatten(chosen);
        hostWeights?.copy_(weights);
    }

    /// <summary>d, the number of parameters.</summary>
    public int Count { get; }

    /// <summary>The parameters in the order of the flat vectors, without gaps.</summary>
    public IReadOnlyList<ParameterSlice> Layout { get; }

    /// <summary>The device of all of them.</summary>
    public Device Device { get; }

    /// <summary>The place of the vectors, where others that go with them are made.</summary>
    public VectorPlace Place { get; }

    /// <summary>True when the vectors are copies in host memory of those on a device.</summary>
    public bool IsCopied { get; }

    /// <summary>x[d], the parameters themselves; where it is copied call <see cref="CopyWeightsToDevice"/> after
    /// writing.</summary>
    public FlatVector Weights => OrDisposed(weightVector);

    /// <summary>g[d] as <see cref="CollectGradient"/> left it. A parameter that the loss did not touch has zeros.</summary>
    public FlatVector Gradient => OrDisposed(gradientVector);

    /// <summary>Sets the gradient to zero, and makes the parameters' gradients views of it where they are not.</summary>
    /// <exception cref="InvalidOperationException">A parameter is no view of the flat weights any more.</exception>
    public void ZeroGradient()
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        gradient.zero_();
        for (int i = 0; i < parameters.Length; i++)
        {
            foreach (var parameter in parameters[i])
            {
                ThrowIfReplaced(parameter, i);
                using var found = parameter.grad;
                if (!IsView(found, i))
                    parameter.grad = gradients[i];
            }
        }
    }

    /// <summary>Brings what the parameters' gradients are now into <see cref="Gradient"/>. One that is no view of it, because the
    /// network's own <c>zero_grad</c> or somebody else replaced it, is copied; one that is missing is zero. Those of tied
    /// weights are added.</summary>
    /// <exception cref="InvalidOperationException">A parameter is no view of the flat weights any more, as after
    /// <c>module.to(…)</c>, or was frozen.</exception>
    public void CollectGradient()
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        for (int i = 0; i < parameters.Length; i++)
        {
            foreach (var parameter in parameters[i])
            {
                ThrowIfReplaced(parameter, i);
                if (!parameter.requires_grad)
                    throw new InvalidOperationException($"parameter {Layout[i].Name} was frozen after the optimizer was made; "
                        + "set requires_grad to false before that, on all peers");
            }
            Collect([.. parameters[i].Select(parameter => parameter.grad)], i);
        }
        hostGradient?.copy_(gradient);
    }

    /// <summary>Copies the host's weights to the device where they are copies.</summary>
    public void CopyWeightsToDevice()
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        if (hostWeights is null)
            return;
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        weights.copy_(hostWeights);
    }

    /// <summary>Frees the flat vectors' own handles; parameters that are views keep their memory.</summary>
    public void Dispose()
    {
        if (disposed)
            return;
        disposed = true;
        foreach (var tensor in (Tensor[])[.. gradients, weights, gradient, weightStore, gradientStore])
            tensor.Dispose();
        hostWeights?.Dispose();
        hostGradient?.Dispose();
        Place.Dispose();
    }

    (Parameter[][] Parameters, Tensor[] Gradients) Flatten(TiedParameter[] chosen)
    {
        using var quiet = no_grad();
        var (tensors, views) = (new Parameter[chosen.Length][], new Tensor[chosen.Length]);
        for (int i = 0; i < chosen.Length; i++)
        {
            using var scope = NewDisposeScope();
            var slice = Layout[i];
            var weight = weights.narrow(0, slice.Offset, slice.Length).view(slice.Shape);
            weight.copy_(chosen[i].First);
            views[i] = gradient.narrow(0, slice.Offset, slice.Length).view(slice.Shape).DetachFromDisposeScope();
            tensors[i] = Replace(chosen[i].Parameters, weight, i, views[i]);
        }
        return (tensors, views);
    }

    /// <summary>Makes the objects of a parameter views.</summary>
    /// <returns>One object for each tensor: that two are one tensor is seen by the gradient that they share.</returns>
    Parameter[] Replace(IReadOnlyList<Parameter> tied, Tensor weight, int i, Tensor view)
    {
        var tensors = new List<Parameter>();
        foreach (var parameter in tied)
            parameter.grad = null;
        foreach (var parameter in tied)
        {
            using var known = parameter.grad;
            if (IsView(known, i))
                continue;
            parameter.set_(weight);
            if (!parameter.requires_grad)
                continue;
            parameter.grad = view;
            tensors.Add(parameter);
        }
        return [.. tensors];
    }

    bool IsView(Tensor? found, int i) =>
        found is not null && found.storage_offset() == Margin + Layout[i].Offset && found.NumberOfElements == Layout[i].Length;

    void ThrowIfReplaced(Parameter parameter, int i)
    {
        if (parameter.IsInvalid || parameter.storage_offset() != Margin + Layout[i].Offset)
            throw new InvalidOperationException($"parameter {Layout[i].Name} was replaced after the optimizer was made; "
                + "move the network to its device and type before that");
    }

    /// <summary>Adds the gradients of one parameter's tensors, of which some may be views already.</summary>
    void Collect(Tensor?[] found, int i)
    {
        var others = found.Where(one => one is not null && !IsView(one, i)).ToArray();
        if (!found.Any(one => IsView(one, i)))
        {
            if (others.Length == 0)
                gradients[i].zero_();
            else
                gradients[i].copy_(others[0]!);
            others = [.. others.Skip(1)];
        }
        foreach (var one in others)
            gradients[i].Add(one!);
    }

    FlatVector OrDisposed(FlatVector vector)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        return vector;
    }

    HostVector OnHost(Tensor host) => new((float*)DevicePlace.AddressOf(host), Count);

    static ParameterSlice[] BuildLayout(TiedParameter[] chosen, out int count)
    {
        var layout = new List<ParameterSlice>();
        long offset = 0;
        foreach (var tied in chosen)
        {
            var (name, parameter) = (tied.Name, tied.First);
            if (parameter.dtype != float32)
                throw new ArgumentException($"parameter {name} is {parameter.dtype}; allowed is Float32");
            if (parameter.device.ToString() != chosen[0].First.device.ToString())
                throw new ArgumentException($"parameter {name} is on {parameter.device}; allowed is the device of "
                    + $"{chosen[0].Name}, {chosen[0].First.device}");
            long length = parameter.NumberOfElements;
            if (offset + length > CountMax)
                throw new ArgumentException($"the network has more than {CountMax} parameters, which is the most allowed");
            layout.Add(new(name, parameter.shape, (int)offset, (int)length));
            offset += length;
        }

        if (offset == 0)
            throw new ArgumentException("the network has no parameters that require a gradient");
        count = (int)offset;
        return [.. layout];
    }

    static Tensor Whole(Tensor store) => store.narrow(0, Margin, store.NumberOfElements - Margin).DetachFromDisposeScope();

    static Tensor Pinned(int count)
    {
        using var pageable = zeros(count, float32).DetachFromDisposeScope();
        return pageable.pin_memory().DetachFromDisposeScope();
    }
}
