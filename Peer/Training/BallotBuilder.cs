using DecentralizedLion.Codecs.Reductions;
using DecentralizedLion.Models;
using DecentralizedLion.Models.Vectors;
using DecentralizedLion.Peer.Optimizers;

namespace DecentralizedLion.Peer.Training;

/// <summary>
/// Makes one peer's ballot for a step of its gradients: one, or with local steps K, one after each step that the peer makes on
/// its own; the ballot is then the majority of those steps, and the weights are what they were.
/// </summary>
/// <param name="parameters">The weights.</param>
/// <param name="method">The method.</param>
/// <param name="rate">The learning rate.</param>
/// <param name="localSteps">The most local steps; 1 for none.</param>
/// <param name="groups">The rates of groups of parameters; null: all have the step's.</param>
sealed class BallotBuilder(
    FlatParameters parameters, DistributedMethod method, LearningRate rate, int localSteps, GroupRates? groups)
{
    readonly LocalUpdates? local = localSteps > 1 ? new LocalUpdates(parameters, groups) : null;
    Ballot ballot = null!;
    long step;
    int steps;
    float sum;

    /// <summary>Gradients taken in since <see cref="Begin"/>.</summary>
    public int Count { get; private set; }

    /// <summary>The mean loss; when a gradient was not finite, that gradient's.</summary>
    public float Loss { get; private set; }

    /// <summary>False: a loss or gradient has a NaN or an infinity, which is not in the method's state, and there is no
    /// ballot.</summary>
    public bool IsFinite { get; private set; }

    /// <summary>Begins a ballot.</summary>
    /// <param name="step">The step, from 1.</param>
    /// <param name="ballot">Receives it.</param>
    /// <param name="steps">The gradients that it is made of, 1 … K.</param>
    public void Begin(long step, Ballot ballot, int steps)
    {
        (this.step, this.ballot, this.steps, sum, Count, Loss, IsFinite) = (step, ballot, steps, 0, 0, 0, true);
        local?.Begin();
    }

    /// <summary>Takes in a gradient; the method's own state goes on.</summary>
    /// <param name="gradient">g, d values.</param>
    /// <param name="loss">f(x), where it is known; else NaN.</param>
    /// <param name="isLossKnown">False: whether the loss is finite is not asked.</param>
    /// <returns>True: the ballot is complete, or there will be none.</returns>
    public bool Add(FlatVector gradient, float loss, bool isLossKnown = true)
    {
        Count++;
        IsFinite = (float.IsFinite(loss) || !isLossKnown) && gradient.IsFinite();
        if (IsFinite)
        {
            sum += loss;
            method.FillBallot(step, gradient, ballot);          // mavo: sign(β1·m + (1 − β1)·g), then m ← β2·m + (1 − β2)·g
            local?.Step(ballot, rate.At(step) / steps);
        }
        if (IsFinite && Count < steps)
            return false;
        local?.End(ballot);
        Loss = IsFinite ? sum / steps : loss;
        return true;
    }
}
