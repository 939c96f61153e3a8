using DecentralizedLion.Topology.Commit;
using DecentralizedLion.Topology.Node;

namespace DecentralizedLion.Topology;

/// <summary>The next task of the trainer; see <see cref="Member.NextAsync"/>.</summary>
abstract record TrainerTurn;

/// <summary>Compute this peer's ballot for a step and give it with <see cref="Member.SubmitBallot"/>; the replica stands right
/// before the step.</summary>
/// <param name="Step">The step.</param>
sealed record ComputeTurn(long Step) : TrainerTurn;

/// <summary>Apply a committed step, the one after the last applied.</summary>
/// <param name="Record">What was decided. Its planes stay as they are until the next turn is asked for, or the next ballot is
/// cast.</param>
/// <param name="Agreement">Mean |votes for − against| / voters over the parameters that this member decided; null when it decided
/// none, or the step has no votes.</param>
sealed record ApplyTurn(StepRecord Record, double? Agreement) : TrainerTurn
{
    /// <summary>The share of those parameters on which votes were even; null as the agreement is.</summary>
    public double? Ties { get; init; }

    /// <summary>The share of those parameters whose majority (or whose votes' mean) is zero; null as the agreement is.</summary>
    public double? Zeros { get; init; }

    /// <summary>The ballot of the step after it is wanted, as by a <see cref="ComputeTurn"/>: the trainer need not come back to
    /// hear so.</summary>
    internal bool Computes { get; init; }
}

/// <summary>Load the newest checkpoint at or before a step; then ask for the next turn from that step on.</summary>
/// <param name="StepMax">The step.</param>
/// <param name="Damage">Why, when this replica's weights were found to differ from the majority's; the trainer then names the
/// tensors that differ. Null: the state comes from another peer, or the ring went on from an earlier step.</param>
sealed record LoadTurn(long StepMax, string? Damage) : TrainerTurn;

/// <summary>
/// Write a checkpoint of where the replica stands, or finish the one that is being written: another peer is about to fetch
/// one, and the newest is so old that the records after it would cost more than the checkpoint itself.
/// </summary>
sealed record SaveTurn : TrainerTurn;

/// <summary>The run is over for this peer: every step is applied, and all others have what they need of it.</summary>
/// <param name="Left">It was asked to leave; false: the run's last step is done.</param>
/// <param name="Note">What an operator should know, such as peers that did not finish; or null.</param>
sealed record EndTurn(bool Left, string? Note) : TrainerTurn;
