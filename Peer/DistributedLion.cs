using TorchSharp.Modules;
using static TorchSharp.torch;

namespace DecentralizedLion;

/// <summary>Distributed Lion (arXiv 2404.00438): each peer turns its gradient with a momentum of its own into signs, and the step
/// is their majority.</summary>
public sealed class DistributedLion : DistributedOptimizer
{
    /// <summary>Makes the optimizer of a ring.</summary>
    /// <param name="parameters">The parameters with their names, as <c>named_parameters()</c> gives them; those that require no
    /// gradient are left alone. They must be fp32 and on one device.</param>
    /// <param name="ring">The ring; it has one optimizer.</param>
    /// <param name="lr">The learning rate: a function of the step.</param>
    /// <param name="beta1">β1, 0 … 1.</param>
    /// <param name="beta2">β2, 0 … 1.</param>
    /// <param name="weight_decay">λ: weights shrink by 1 − lr·λ a step.</param>
    /// <param name="options">More options; the method may be mavo (a majority vote), avg (the mean of the signs) or g-lion (Lion
    /// on the mean gradient).</param>
    /// <param name="buffers">The network's buffers, as <c>named_buffers()</c> gives them: those of floating-point numbers, as
    /// BatchNorm's statistics are, are set to the mean of all peers' in every 16th step and in the last; null for none.</param>
    /// <exception cref="ArgumentException">A value is out of its range, or a parameter cannot be trained; it is
    /// named.</exception>
    /// <exception cref="InvalidOperationException">The ring has an optimizer already.</exception>
    public DistributedLion(IEnumerable<(string name, Parameter parameter)> parameters, RingClient ring, LearningRate lr,
        double beta1 = 0.9, double beta2 = 0.99, double weight_decay = 0.1, MethodOptions? options = null,
        IEnumerable<(string name, Tensor buffer)>? buffers = null)
        : base(parameters, ring, lr, weight_decay, Lion(options, beta1, beta2), buffers)
    {
    }

    /// <summary>Makes the optimizer of a ring for parameters without names: they are called 0, 1, 2 and so on.</summary>
    /// <inheritdoc cref="DistributedLion(IEnumerable{ValueTuple{string, Parameter}}, RingClient, LearningRate, double, double,
    /// double, MethodOptions, IEnumerable{ValueTuple{string, Tensor}})"/>
    public DistributedLion(IEnumerable<Parameter> parameters, RingClient ring, LearningRate lr, double beta1 = 0.9,
        double beta2 = 0.99, double weight_decay = 0.1, MethodOptions? options = null,
        IEnumerable<(string name, Tensor buffer)>? buffers = null)
        : base(parameters, ring, lr, weight_decay, Lion(options, beta1, beta2), buffers)
    {
    }

    /// <summary>Makes the optimizer of a ring for groups of parameters, which may have a weight decay and a learning-rate factor
    /// of their own.</summary>
    /// <param name="groups">The groups, equal on all peers.</param>
    /// <param name="ring">The ring; it has one optimizer.</param>
    /// <param name="lr">The learning rate: a function of the step.</param>
    /// <param name="beta1">β1, 0 … 1.</param>
    /// <param name="beta2">β2, 0 … 1.</param>
    /// <param name="weight_decay">λ of the groups that have none of their own.</param>
    /// <param name="options">More options; the method may be mavo, avg or g-lion.</param>
    /// <param name="buffers">The network's buffers, as <c>named_buffers()</c> gives them: those of floating-point numbers, as
    /// BatchNorm's statistics are, are set to the mean of all peers' in every 16th step and in the last; null for none.</param>
    /// <exception cref="ArgumentException">A value is out of its range, or a parameter cannot be trained or is in two groups; it
    /// is named.</exception>
    /// <exception cref="InvalidOperationException">The ring has an optimizer already.</exception>
    public DistributedLion(IEnumerable<ParameterGroup> groups, RingClient ring, LearningRate lr, double beta1 = 0.9,
        double beta2 = 0.99, double weight_decay = 0.1, MethodOptions? options = null,
        IEnumerable<(string name, Tensor buffer)>? buffers = null)
        : base(groups, ring, lr, weight_decay, Lion(options, beta1, beta2), buffers)
    {
    }

    static MethodOptions Lion(MethodOptions? options, double beta1, double beta2)
    {
        options ??= new MethodOptions();
        return options.Method is "mavo" or "avg" or "g-lion" ? options with { Beta1 = (float)beta1, Beta2 = (float)beta2 }
            : throw new ArgumentException($"method: found \"{options.Method}\"; allowed are mavo, avg and g-lion, and the others "
                + $"with {nameof(DistributedOptimizer)}");
    }
}
