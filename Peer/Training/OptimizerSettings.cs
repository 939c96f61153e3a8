using DecentralizedLion.Models.Vectors;
using DecentralizedLion.Peer.Configuration;
using DecentralizedLion.Peer.Optimizers;
using DecentralizedLion.Topology.Configuration;

namespace DecentralizedLion.Peer.Training;

/// <summary>The settings of an optimizer, which must be equal on all peers.</summary>
/// <param name="Options">The method and its options.</param>
/// <param name="Rate">The learning rate.</param>
/// <param name="WeightDecay">λ.</param>
/// <param name="Groups">Ranges of the parameters with rates of their own; null: there is one.</param>
sealed record OptimizerSettings(
    MethodOptions Options, LearningRate Rate, float WeightDecay, IReadOnlyList<GroupRange>? Groups = null)
{
    const int NamedGroupsMax = 16;

    /// <summary>The fields by which peers compare the networks that their programs give the optimizer.</summary>
    public IReadOnlyList<FingerprintField> Network { get; init; } = [];

    /// <summary>The rates that apply a step where there are groups; null: the method alone.</summary>
    /// <param name="place">Where the weights lie.</param>
    public GroupRates? NewGroupRates(VectorPlace place) => Groups is null ? null : new GroupRates(Groups, place);

    /// <summary>The fields of the fingerprint, defaults applied.</summary>
    public IEnumerable<FingerprintField> Fields() =>
    [
        new("method", Options.Method),
        new("ties", Options.TiesValue),
        new("weightDecay", TrainingSettings.Text(WeightDecay)),
        new("beta1", TrainingSettings.Text(Options.Beta1Value)),
        new("beta2", TrainingSettings.Text(Options.Beta2Value)),
        new("localSteps", TrainingSettings.Text(Options.LocalSteps)),
        new("delay", TrainingSettings.Text(Options.Delay)),
        new("kappa", Options.Kappa),
        new("momentumSync", TrainingSettings.Text(Options.MomentumSync)),
        new("momentumSyncBy", Options.MomentumSyncByValue),
        new("keep", TrainingSettings.Text(Options.KeepValue)),
        new("keepWarmup", TrainingSettings.Text(Options.KeepWarmupValue)),
        .. Rate.Fields,
        .. GroupFields(),
    ];

    /// <summary>A field for each group, or one for all where they are many: a greeting has room for some only.</summary>
    IEnumerable<FingerprintField> GroupFields()
    {
        string[] texts =
        [
            .. (Groups ?? []).Select(range =>
                $"parameters {TrainingSettings.Text(range.Begin)} to {TrainingSettings.Text(range.End - 1)}: weight decay "
                    + $"{TrainingSettings.Text(range.WeightDecay ?? WeightDecay)}, learning-rate factor "
                    + TrainingSettings.Text(range.Factor)),
        ];
        return texts.Length <= NamedGroupsMax ? texts.Select((text, i) => new FingerprintField($"group.{i}", text))
            : [new("groups", NetworkFields.Short(string.Join("; ", texts)))];
    }
}
