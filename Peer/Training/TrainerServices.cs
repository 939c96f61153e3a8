using DecentralizedLion.Models;
using DecentralizedLion.Peer.Journal;
using DecentralizedLion.Peer.Metrics;

namespace DecentralizedLion.Peer.Training;

/// <summary>The state, settings and stores that a trainer works with.</summary>
sealed record TrainerServices
{
    /// <summary>This peer's roster index.</summary>
    public required int Self { get; init; }

    /// <summary>The peers' ids, by roster index.</summary>
    public required IReadOnlyList<string> Names { get; init; }

    /// <summary>The run's last step.</summary>
    public required long LastStep { get; init; }

    /// <summary>Steps between checkpoints; 0 for only at the end.</summary>
    public required long CheckpointEvery { get; init; }

    /// <summary>Steps in a row without a finite gradient after which this peer stops.</summary>
    public required int NonFiniteLimit { get; init; }

    /// <summary>The method's options.</summary>
    public required MethodOptions Options { get; init; }

    /// <summary>The learning rate.</summary>
    public required LearningRate Rate { get; init; }

    /// <summary>Weights and gradient.</summary>
    public required FlatParameters Parameters { get; init; }

    /// <summary>The state that is equal on all peers.</summary>
    public required Replica Replica { get; init; }

    /// <summary>The checkpoints.</summary>
    public required CheckpointManager Checkpoints { get; init; }

    /// <summary>The journal.</summary>
    public required StepJournal Journal { get; init; }

    /// <summary>The clock.</summary>
    public required TimeProvider Time { get; init; }

    /// <summary>Measures the parts of steps; null: nobody asks.</summary>
    public StepProfiler? Profiler { get; init; }

    /// <summary>True: a checkpoint is copied while the next gradient is computed, for which nothing may change the weights
    /// between steps; false: before the step ends, and only its way to the disk goes on meanwhile.</summary>
    public bool OverlapsCopy { get; init; }

    /// <summary>Takes events, on the training thread.</summary>
    public required Action<PeerEvent> Tell { get; init; }
}
