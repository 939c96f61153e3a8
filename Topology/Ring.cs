using System.Security.Cryptography;
using DecentralizedLion.Codecs;
using DecentralizedLion.Topology.Commit;
using DecentralizedLion.Topology.Exchange;
using DecentralizedLion.Topology.Links;
using DecentralizedLion.Topology.Membership;

namespace DecentralizedLion.Topology;

/// <summary>
/// The ring as a training thread sees it: join, vote step by step, leave. Calls block; the ring itself runs on a thread of its own
/// and goes on answering the others while this one computes.
/// </summary>
public sealed class Ring : IDisposable
{
    // A payload is at most this many planes of one segment, whatever the settings: counts and abstentions of 256 voters.
    const int MostPlanes = 18;

    readonly ZeroMqMesh mesh;
    readonly Member member;
    (long Payload, long All) taken;

    /// <summary>Opens the sockets. Nothing is received before <see cref="Join"/>.</summary>
    /// <param name="roster">All peers.</param>
    /// <param name="self">Our roster index.</param>
    /// <param name="fingerprint">What all peers must agree on.</param>
    /// <param name="parameters">Length of the vote, in parameters.</param>
    /// <param name="exchange">Ring or direct.</param>
    /// <param name="ties">The tie rule.</param>
    /// <param name="state">The replicated state; read and replaced in <see cref="Join"/> only.</param>
    /// <param name="journal">Where each step is written before it is held, on the ring's thread; null: nowhere.</param>
    /// <param name="happened">Takes lines for the operator, on the ring's thread.</param>
    /// <param name="timings">How long to wait for what; null: the defaults.</param>
    /// <param name="lastStep">The run's last step, after which leaving is no news.</param>
    /// <exception cref="RingAddressException">An address cannot be listened at.</exception>
    public Ring(Roster roster, int self, Fingerprint fingerprint, int parameters, ExchangeKind exchange, TieRule ties,
        IReplicaState state, IJournal? journal, Action<RingEvent> happened, RingTimings? timings = null, long lastStep = long.MaxValue)
    {
        int segment = new ChunkMap(parameters, roster.Count).SegmentWords * sizeof(ulong) * MostPlanes + 1024;
        mesh = new ZeroMqMesh(self, MeshEndpoints.Of(roster, self), Math.Max(segment, StateTransfer.PieceLength));
        var options = new MemberOptions
        {
            Names = [.. roster.Peers.Select(peer => peer.Id)],
            Self = self,
            Fingerprint = fingerprint,
            Session = BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong))) | 1,
            Parameters = parameters,
            Exchange = exchange,
            Ties = ties,
            Journal = journal,
            Timings = timings ?? RingTimings.Default,
            LastStep = lastStep,
        };
        member = new Member(options, mesh, state, TimeProvider.System, new Random(RandomNumberGenerator.GetInt32(int.MaxValue)));
        member.Happened += happened;
        mesh.Start();
    }

    /// <summary>What was sent and received so far.</summary>
    public LinkCounters Counters => mesh.Counters;

    /// <summary>Bytes sent since it was called last: of count and verdict planes, and of everything.</summary>
    public (long Payload, long All) TakeSent()
    {
        var now = (Counters.PayloadSent + Counters.AbstentionSent, Counters.BytesSent);
        var since = (now.Item1 - taken.Payload, now.Item2 - taken.All);
        taken = now;
        return since;
    }

    /// <summary>Mean |votes for − against| / voters of the last step, over the parameters that this peer decided.</summary>
    public double Agreement => member.Agreement;

    /// <summary>Waits for the whole roster and equal states.</summary>
    /// <returns>The first view; its first step is the one to vote on next.</returns>
    /// <exception cref="RingException">A peer is set up differently, or <see cref="RequestStop"/> was called.</exception>
    public View Join() => mesh.InvokeAsync(member.JoinAsync).GetAwaiter().GetResult();

    /// <summary>Gives our word for a step and waits until it is committed.</summary>
    /// <returns>The record to apply; null when the ring ends in order before this step.</returns>
    /// <exception cref="RingException">The ring cannot go on; the message says why.</exception>
    public StepRecord? Vote(StepVote vote) => mesh.InvokeAsync(() => member.VoteAsync(vote)).GetAwaiter().GetResult();

    /// <summary>Asks for an end in order, from any thread: the step after the one voted on last is not begun by anyone.</summary>
    public void RequestStop() => _ = mesh.InvokeAsync(() =>
    {
        member.RequestStop();
        return Task.FromResult(true);
    });

    /// <summary>Stays until all others have committed the last step, then closes.</summary>
    public void Leave() => mesh.InvokeAsync(async () =>
    {
        await member.LeaveAsync();
        return true;
    }).GetAwaiter().GetResult();

    /// <summary>Closes the sockets.</summary>
    public void Dispose() => mesh.Dispose();
}
