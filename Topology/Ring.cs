using System.Security.Cryptography;
using DecentralizedLion.Codecs.Reductions;
using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Topology.Commit;
using DecentralizedLion.Topology.Exchange;
using DecentralizedLion.Topology.Node;
using DecentralizedLion.Topology.Snapshots;
using DecentralizedLion.Topology.Transport;
using DecentralizedLion.Topology.ViewChanges;

namespace DecentralizedLion.Topology;

/// <summary>
/// The ring as a training thread sees it: what to do next, turn by turn. Calls block; the ring itself runs on a thread of its own
/// and goes on answering the others, and applying nothing, while this one computes.
/// </summary>
sealed class Ring : IRing, IDisposable
{
    /// <summary>No piece of a record or snapshot is longer, in bytes.</summary>
    internal const int PieceLength = 1 << 20;

    readonly ZeroMqTransport transport;
    readonly Member member;
    readonly RingProfile? profile;
    (long Payload, long All) taken;
    long? ahead;
    Digest before;

    /// <summary>Opens the sockets. Nothing is received before <see cref="Start"/>.</summary>
    /// <param name="endpoints">Where to listen and whom to dial, with which keys.</param>
    /// <param name="options">Who we are and what we are set to; a session number is drawn when it is 0.</param>
    /// <param name="journal">Where each step is written before it is held, on the ring's thread.</param>
    /// <param name="snapshots">This peer's checkpoints.</param>
    /// <param name="views">Where promises are kept.</param>
    /// <param name="happened">Takes lines for the operator, on the ring's thread.</param>
    /// <exception cref="RingAddressException">An address cannot be listened at.</exception>
    public Ring(TransportEndpoints endpoints, RingOptions options, IJournal journal, ISnapshotStore snapshots, IViewStore views,
        Action<RingEvent> happened)
    {
        if (options.Session == 0)
            options = options with { Session = BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong))) | 1 };
        profile = options.Profile;
        transport = new ZeroMqTransport(options.SelfIndex, endpoints, StepSizes.LinkLimitsOf(options), options.Session,
            options.PeerIds);
        member = new Member(options, transport, new PeerStores(journal, snapshots, views), TimeProvider.System,
            new Random(RandomNumberGenerator.GetInt32(int.MaxValue)));
        member.EventRaised += happened;
        transport.Start();
    }

    /// <summary>The counters of what was sent and received so far.</summary>
    public LinkCounters Counters => transport.Counters;

    /// <inheritdoc cref="Member.Statistics"/>
    public RingStatistics Statistics => member.Statistics;

    /// <summary>Bytes sent since it was called last: of count and majority planes, and of everything.</summary>
    public (long Payload, long All) TakeSent()
    {
        var now = (Counters.PayloadSent + Counters.AbstentionSent, Counters.BytesSent);
        var since = (now.Item1 - taken.Payload, now.Item2 - taken.All);
        taken = now;
        return since;
    }

    /// <summary>Greets the others and takes part from then on.</summary>
    public void Start() => On(() => member.Start());

    /// <inheritdoc cref="Member.NextAsync"/>
    /// <remarks>Asked right after an <see cref="ApplyTurn"/> it usually knows the answer, and does not go to the ring's thread
    /// for it.</remarks>
    public TrainerTurn Next(long applied, Digest weights)
    {
        if (ahead == applied + 1)
        {
            (ahead, before) = (null, weights);
            return new ComputeTurn(applied + 1);
        }
        profile?.Open();
        TrainerTurn turn = transport.InvokeAsync(() => member.NextAsync(applied, weights)).GetAwaiter().GetResult();
        (ahead, before) = (turn is ApplyTurn { Computes: true } apply ? apply.Record.Step + 1 : null, default);
        return turn;
    }

    /// <inheritdoc cref="Member.SubmitBallot"/>
    public void SubmitBallot(long step, Ballot? ballot, float loss, TimeSpan took)
    {
        Digest weights = before;
        On(() => member.SubmitBallot(step, ballot, loss, took, weights));
    }

    /// <inheritdoc cref="ZeroMqTransport.ReconnectAsync"/>
    public Task<IReadOnlyList<string>> ReconnectAsync(TransportEndpoints now, TimeProvider time) =>
        transport.InvokeAsync(() => transport.ReconnectAsync(now, time));

    /// <summary>Completes, with true, when the ring's thread has come to it.</summary>
    public Task<bool> PingAsync() => transport.InvokeAsync(() => Task.FromResult(true));

    /// <summary>Asks to leave in order, from any thread; <see cref="Next"/> then comes to an <see cref="EndTurn"/>.</summary>
    public void RequestStop() => On(member.RequestStop);

    /// <summary>Casts no more ballots: this peer relays where the others go on, and <see cref="Next"/> asks for none.</summary>
    public void StopVoting() => On(member.StopVoting);

    /// <summary>Closes the sockets; what was sent last still has a moment to leave.</summary>
    public void Dispose() => transport.Dispose();

    void On(Action action) => _ = transport.InvokeAsync(() =>
    {
        action();
        return Task.FromResult(true);
    });
}
