using DecentralizedLion.Models;
using DecentralizedLion.Models.Vectors;
using DecentralizedLion.Peer.Configuration;
using DecentralizedLion.Peer.Metrics;
using DecentralizedLion.Peer.Training;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace DecentralizedLion;

/// <summary>
/// An optimizer whose step is agreed on by all peers of a ring. It reads <c>.grad</c> only, so gradient accumulation, clipping
/// and mixed precision are the program's own. Make it after the network was moved to its device: the parameters become views of
/// one vector. One thread at a time.
/// </summary>
public class DistributedOptimizer : OptimizerHelper
{
    readonly RingClient ring;
    readonly OptimizerSettings settings;
    readonly FlatParameters flat;
    readonly Parameter[] given;
    readonly double[] factors, shown;

    /// <summary>Makes the optimizer of a ring.</summary>
    /// <param name="parameters">The parameters with their names, as <c>named_parameters()</c> gives them; those that require no
    /// gradient are left alone. They must be fp32 and on one device.</param>
    /// <param name="ring">The ring; it has one optimizer.</param>
    /// <param name="lr">The learning rate: a function of the step.</param>
    /// <param name="weight_decay">λ: weights shrink by 1 − lr·λ a step.</param>
    /// <param name="options">The method and its options; null for a majority vote with Lion.</param>
    /// <param name="buffers">The network's buffers, as <c>named_buffers()</c> gives them: those of floating-point numbers, as
    /// BatchNorm's statistics are, are set to the mean of all peers' in every 16th step and in the last; null for none.</param>
    /// <exception cref="ArgumentException">A value is out of its range, or a parameter cannot be trained; it is
    /// named.</exception>
    /// <exception cref="InvalidOperationException">The ring has an optimizer already.</exception>
    public DistributedOptimizer(IEnumerable<(string name, Parameter parameter)> parameters, RingClient ring, LearningRate lr,
        double weight_decay = 0.1, MethodOptions? options = null,
        IEnumerable<(string name, Tensor buffer)>? buffers = null)
        : this([new ParameterGroup(parameters)], ring, lr, weight_decay, options, buffers)
    {
    }

    /// <summary>Makes the optimizer of a ring for groups of parameters, which may have a weight decay and a learning-rate factor
    /// of their own.</summary>
    /// <param name="groups">The groups, equal on all peers.</param>
    /// <param name="ring">The ring; it has one optimizer.</param>
    /// <param name="lr">The learning rate: a function of the step.</param>
    /// <param name="weight_decay">λ of the groups that have none of their own.</param>
    /// <param name="options">The method and its options; null for a majority vote with Lion.</param>
    /// <param name="buffers">The network's buffers, as <c>named_buffers()</c> gives them: those of floating-point numbers, as
    /// BatchNorm's statistics are, are set to the mean of all peers' in every 16th step and in the last; null for none.</param>
    /// <exception cref="ArgumentException">A value is out of its range, or a parameter cannot be trained or is in two groups; it
    /// is named.</exception>
    /// <exception cref="InvalidOperationException">The ring has an optimizer already.</exception>
    public DistributedOptimizer(IEnumerable<ParameterGroup> groups, RingClient ring, LearningRate lr, double weight_decay = 0.1,
        MethodOptions? options = null,
        IEnumerable<(string name, Tensor buffer)>? buffers = null)
    {
        ArgumentNullException.ThrowIfNull(groups);
        ArgumentNullException.ThrowIfNull(ring);
        ArgumentNullException.ThrowIfNull(lr);
        options ??= new MethodOptions();
        options.Validate();
        if (!(weight_decay is >= 0 and <= 1000))
            throw new ArgumentException(FormattableString.Invariant($"weight_decay: found {weight_decay}; allowed is 0 to 1000"));
        var named = new NamedGroups(groups);
        given = [.. named.Parameters.Select(item => item.Parameter)];
        this.ring = ring;
        flat = new FlatParameters(named.Tied, ring.Placement ?? PlacementOf(options, named.Parameters));
        try
        {
            settings = new OptimizerSettings(options, lr, (float)weight_decay, named.RangesOf(flat.Layout))
            {
                Network = NetworkFields.Of(named.Tied),
            };
            ring.Attach(flat, new NetworkBuffers(buffers ?? []), settings);
        }
        catch
        {
            flat.Dispose();
            throw;
        }
        ring.Applied = OnApplied;
        _defaults = new OptimizerOptions { LearningRate = lr.At(1), InitialLearningRate = lr.At(1) };
        factors = [.. named.Groups.Select(group => group.LearningRateFactor)];
        shown = new double[factors.Length];
        _parameter_groups = [.. named.Groups.Select(group => new ParamGroup
        {
            Parameters = group.Parameters.Select(item => item.parameter),
            Options = new OptimizerOptions(),
        })];
        ShowLearningRate(1);
    }

    /// <summary>Makes the optimizer of a ring for parameters without names: they are called 0, 1, 2 and so on.</summary>
    /// <inheritdoc cref="DistributedOptimizer(IEnumerable{ValueTuple{string, Parameter}}, RingClient, LearningRate, double,
    /// MethodOptions, IEnumerable{ValueTuple{string, Tensor}})"/>
    public DistributedOptimizer(IEnumerable<Parameter> parameters, RingClient ring, LearningRate lr, double weight_decay = 0.1,
        MethodOptions? options = null,
        IEnumerable<(string name, Tensor buffer)>? buffers = null)
        : this(parameters.Select((parameter, i) => ($"{i}", parameter)), ring, lr, weight_decay, options, buffers)
    {
    }

    /// <summary>Raised on the training thread after each step that is applied, also for those that this peer had missed: the
    /// place for an evaluation at certain steps. It must not call <see cref="step(Func{Tensor})"/>.</summary>
    public event Action<AppliedStep>? StepApplied;

    /// <summary>Steps applied so far, by this peer and by all others alike. Reading it for the first time loads this peer's
    /// newest checkpoint; another process of the ring may be further.</summary>
    public long CurrentStep => ring.Open().Replica.Step;

    /// <summary>The digest of all steps so far, in lower-case hexadecimal: equal on all peers after the same step.</summary>
    public string Digest => ring.Open().Replica.Chain.ToString();

    /// <summary>Waits until a gradient of this peer is wanted, and applies what the others decided meanwhile. The other calls do
    /// it themselves; a program calls it to learn whether the run goes on.</summary>
    /// <returns>False: the run is over for this peer.</returns>
    /// <exception cref="Topology.RingException">The ring cannot go on with this peer; the message says why.</exception>
    public bool WaitForStep()
    {
        using var turn = ring.Enter(nameof(WaitForStep));
        return Wait();
    }

    /// <summary>Sets all gradients to zero, once a gradient is wanted.</summary>
    public override void zero_grad()
    {
        using var turn = ring.Enter(nameof(zero_grad));
        if (!ring.IsApplying && Wait() && ring.Trainer.Ballots.GradientsGiven == 0)
            ring.Trainer.Ballots.MarkStart();
        flat.ZeroGradient();
    }

    /// <summary>Casts this peer's ballot from the gradients, waits until the step is decided, and applies it with all steps that
    /// this peer had missed: <see cref="CurrentStep"/> may grow by more than one. With local steps or a delay it may return
    /// before that.</summary>
    /// <param name="closure">Computes the gradients and returns the loss, which goes into the metrics; null when the gradients
    /// are there. The loss is then not known.</param>
    /// <returns>The closure's loss.</returns>
    /// <exception cref="InvalidOperationException">The run is over for this peer.</exception>
    /// <exception cref="NonFiniteGradientException">Too many gradients in a row had a NaN or an infinity.</exception>
    /// <exception cref="Topology.RingException">The ring cannot go on with this peer; the message says why.</exception>
    public override Tensor step(Func<Tensor>? closure = null)
    {
        using var turn = ring.Enter(nameof(step));
        ThrowIfScheduled();
        if (!Wait())
            throw ring.Over();
        var loss = closure?.Invoke();
        Cast(loss);
        return loss!;
    }

    /// <summary>Does the same with gradients that are there and their loss, which goes into the metrics.</summary>
    /// <param name="loss">A scalar.</param>
    public void step(Tensor loss)
    {
        ArgumentNullException.ThrowIfNull(loss);
        step(() => loss);
    }

    /// <summary>Does the same with a loss that is a number already.</summary>
    /// <param name="loss">The loss in nats.</param>
    public void step(float loss)
    {
        using var turn = ring.Enter(nameof(step));
        ThrowIfScheduled();
        if (!Wait())
            throw ring.Over();
        Cast(loss);
    }

    /// <summary>Measures how far the present weights are from theory's solution (docs/optimizers.md).</summary>
    /// <param name="loss">The loss whose gradients the parameters have now, for the KKT score and the Lyapunov value; null for
    /// the distance to the box alone.</param>
    public Theory MeasureTheory(double? loss = null)
    {
        using var turn = ring.Enter(nameof(MeasureTheory));
        return ring.Open().Measure(loss);
    }

    /// <summary>Is refused: all peers must have the same parameters from the first step on.</summary>
    public override void add_param_group(ParamGroup param_group) => throw new NotSupportedException(
        "a group cannot be added to a distributed optimizer: all peers must have the same parameters from the first step on; "
        + "give all of them to the constructor");

    /// <summary>Is refused: the state is in the checkpoints of this peer's folder.</summary>
    public override StateDictionary state_dict() => throw new NotSupportedException(
        $"the state is in the checkpoints of {ring.Folder}, and is loaded from there by itself");

    /// <summary>Is refused: the state is in the checkpoints of this peer's folder.</summary>
    public override void load_state_dict(StateDictionary state_dict) => throw new NotSupportedException(
        $"the state is loaded from the checkpoints of {ring.Folder} by itself");

    /// <inheritdoc/>
    public override IEnumerable<Parameter> parameters() => given;

    /// <summary>Does nothing: the ring keeps the weights until it has left.</summary>
    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
    }

    /// <summary>The samples and mini-batches of the wanted step.</summary>
    internal BallotCaster Ballots => ring.Trainer.Ballots;

    bool Wait() => ring.WaitForStep();

    void Cast(float? loss)
    {
        ring.Trainer.Cast(loss);
        Wait();
        ShowLearningRate(CurrentStep + 1);
    }

    void Cast(Tensor? loss)
    {
        float? value = null;
        if (loss is not null)
        {
            using var scope = NewDisposeScope();
            value = loss.detach().to(float32).cpu().item<float>();
        }
        Cast(value);
    }

    void OnApplied(AppliedStep applied) => StepApplied?.Invoke(applied);

    void ShowLearningRate(long step)
    {
        var i = 0;
        foreach (var group in ParamGroups)
        {
            group.LearningRate = shown[i] = settings.Rate.At(step) * factors[i];
            i++;
        }
    }

    /// <summary>On the CPU the kernels for host memory are faster than tensor operations; of other devices only CUDA's are known
    /// to round as IEEE says.</summary>
    static VectorPlacement PlacementOf(MethodOptions options, IReadOnlyList<(string Name, Parameter Parameter)> parameters) =>
        parameters.Any(item => item.Parameter.device_type == TorchSharp.DeviceType.CUDA) && OptimizerRules.CanUseDevice(options)
            ? VectorPlacement.Device : VectorPlacement.Host;

    void ThrowIfScheduled()
    {
        var group = 0;
        foreach (var found in ParamGroups)
            if (found.LearningRate is var rate && rate != shown[group++])
                throw new InvalidOperationException(FormattableString.Invariant(
                    $"the learning rate was set to {rate} from outside, as by a scheduler; this step's is {shown[group - 1]}. ")
                + "It must be a function of the step alone, which all peers agree on: give lr: LearningRate.Cosine(…) or "
                + "LearningRate.Of(step => …)");
    }
}
