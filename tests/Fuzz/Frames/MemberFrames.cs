using System.Text;
using DecentralizedLion.Codecs.Bits;
using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Fuzz.Targets;
using DecentralizedLion.Topology.Commit;
using DecentralizedLion.Topology.Diagnostics;
using DecentralizedLion.Topology.Membership;
using DecentralizedLion.Topology.Snapshots;
using DecentralizedLion.Topology.StateTransfer;
using DecentralizedLion.Topology.ViewChanges;

namespace DecentralizedLion.Fuzz.Frames;

/// <summary>One good frame of every kind from each of the other two, and what brings a member to where it is to stand.</summary>
static class MemberFrames
{
    static readonly Digest digest = Digest.Of([1, 2, 3]);

    static ulong Run => IsolatedMember.Options.Fingerprint.Run;

    /// <summary>The frames that a member gets before an episode.</summary>
    public static List<byte[]> Opening(MemberScene scene)
    {
        List<byte[]> frames = [];
        if (scene == MemberScene.BeforeBootstrap)
            return [Frame(1, FrameKind.Hello, 0, 0, GreetingOf(1))];
        long last = scene == MemberScene.Behind ? 8 : 0;
        for (int from = 1; from < IsolatedMember.Peers; from++)
        {
            frames.Add(Frame(from, FrameKind.Hello, 0, 0, GreetingOf(from)));
            frames.Add(Frame(from, FrameKind.Heartbeat, 1, last, NewHeartbeat(1, last)));
        }
        if (scene == MemberScene.InTheRing)
            frames.Add(Frame(1, FrameKind.Decided, 1, 0,
                ViewMessage.Decided(IsolatedMember.RingView(IsolatedMember.Session)).Encode()));
        return frames;
    }

    /// <summary>The frames that an episode's inputs are made of.</summary>
    public static List<byte[]> All(MemberScene scene)
    {
        List<byte[]> frames = scene == MemberScene.InTheRing
            ? StepFrames.Of(IsolatedMember.RingView(IsolatedMember.Session), IsolatedMember.Layout, isRing: true, Run) : [];
        long step = scene == MemberScene.Behind ? 8 : 1;
        for (int from = 1; from < IsolatedMember.Peers; from++)
        {
            Add(FrameKind.Hello, GreetingOf(from), view: 0);
            Add(FrameKind.Probe, new Probe(0, true, 1, 0, IsolatedMember.Options.Fingerprint.Fields).Encode(), view: 0);
            Add(FrameKind.Heartbeat, NewHeartbeat(scene == MemberScene.BeforeBootstrap ? 0 : 1, step));
            Add(FrameKind.Ready, [1, 2, 0, 0]);
            Add(FrameKind.StepAck, [.. digest.Bytes, .. default(Digest).Bytes]);
            Add(FrameKind.WeightsDigest, digest.Bytes.ToArray());
            Add(FrameKind.WeightsDigest, []);
            Add(FrameKind.ResendRequest, [0x96, 0, 1, 0, 1, 3, 0]);
            Add(FrameKind.NotReady, [2, 1]);
            Add(FrameKind.FetchRequest, new RecordsRequest(1, 1, 0, default, IncludeUncommitted: true).Encode());
            foreach (SnapshotKind kind in Enum.GetValues<SnapshotKind>())
            {
                Add(FrameKind.FetchRequest, new SnapshotInfoRequest(1, kind, 1).Encode());
                Add(FrameKind.FetchRequest, new SnapshotPieceRequest(1, kind, 1, 0, default).Encode());
            }
            View next = IsolatedMember.RingView(IsolatedMember.Session, scene == MemberScene.BeforeBootstrap ? 1 : 2);
            foreach (FrameKind kind in (FrameKind[])[FrameKind.PreVote, FrameKind.PreVoteGranted])
                Add(kind, default(ViewMessage).Encode(), view: next.Number);
            foreach (FrameKind kind in (FrameKind[])[FrameKind.Prepare, FrameKind.Promise, FrameKind.Accepted, FrameKind.Rejected,
                FrameKind.Synchronized])
                Add(kind, ViewMessage.Prepare(257).Encode(), view: next.Number);
            foreach (FrameKind kind in (FrameKind[])[FrameKind.Promise, FrameKind.Accept, FrameKind.Synchronize,
                FrameKind.Decided])
                Add(kind, (ViewMessage.Accept(257, next, holder: 1) with { AcceptedRound = 257 }).Encode(), view: next.Number);
            if (scene == MemberScene.Behind)
            {
                foreach (var (head, bytes) in Answers())
                    Add(FrameKind.FetchResponse, [.. head, .. bytes]);
                foreach (var (head, bytes) in Answers())
                    Add(FrameKind.FetchResponse, [.. head, .. bytes]);
            }

            void Add(FrameKind kind, byte[] payload, int view = 1) =>
                frames.Add(Frame(from, kind, scene == MemberScene.BeforeBootstrap && view == 1 ? 0 : view, step, payload));
        }
        return frames;
    }

    static IEnumerable<(byte[] Head, byte[] Bytes)> Answers()
    {
        StepRecord[] chain = Records.Chain(8);
        byte[] records = Payloads.Write(chain[5..]), snapshot = Encoding.ASCII.GetBytes("a snapshot that is none");
        yield return (Head(FetchResult.Bytes, 6, Payloads.Write([chain[5]]).Length), records);
        yield return (Head(FetchResult.Bytes, 6, Payloads.Write([chain[5]]).Length), records[..40]);
        yield return (Head(FetchResult.Bytes, 7, snapshot.Length), snapshot);
        yield return (Head(FetchResult.Bytes, 7, snapshot.Length), []);
        foreach (FetchResult result in Enum.GetValues<FetchResult>())
            yield return (Head(result, 6, 0), []);

        byte[] Head(FetchResult result, long step, long total)
        {
            var head = new byte[FetchResponse.HeadLength];
            new FetchResponse
            {
                Id = 1,
                Result = result,
                Step = step,
                WholeLength = total,
                Committed = 8,
                Sha = Digest.Of(snapshot),
                DigestAfter = chain[6].Digest,
            }.Write(head);
            return head;
        }
    }

    static byte[] GreetingOf(int from) =>
        new Hello(IsolatedMember.Session, false, IsolatedMember.DiskId + (ulong)from, 0, digest,
            IsolatedMember.Options.Fingerprint.Fields).Encode();

    static byte[] NewHeartbeat(int view, long last)
    {
        var payload = new byte[Heartbeat.MaxLength];
        return payload[..new Heartbeat(view, last, last, view == 0 ? HeartbeatFlags.None : HeartbeatFlags.Active,
            PeerSet.First(IsolatedMember.Peers)).Write(payload)];
    }

    static byte[] Frame(int from, FrameKind kind, int view, long step, byte[] payload) =>
        FrameInput.Join(from - 1,
            new FrameHeader(kind, Run, IsolatedMember.Session + (ulong)from, view, step, 0, 0, 0, 0, 0, default, 0), payload);
}
