using System.Text;
using DecentralizedLion.Codecs;
using DecentralizedLion.Fuzz.Targets;
using DecentralizedLion.Topology.Commit;
using DecentralizedLion.Topology.Diagnostics;
using DecentralizedLion.Topology.Membership;
using DecentralizedLion.Topology.Views;

namespace DecentralizedLion.Fuzz.Frames;

/// <summary>One good frame of every kind from each of the other two, and what brings a member to where it is to stand.</summary>
static class MemberFrames
{
    static readonly ChainDigest digest = ChainDigest.Of([1, 2, 3]);

    static ulong Run => LoneMember.Options.Fingerprint.Run;

    /// <summary>What a member gets before an episode.</summary>
    public static List<byte[]> Opening(MemberScene scene)
    {
        List<byte[]> frames = [];
        if (scene == MemberScene.BeforeFounding)
            return [Frame(1, FrameKind.Hello, 0, 0, GreetingOf(1))];
        long last = scene == MemberScene.Behind ? 8 : 0;
        for (int from = 1; from < LoneMember.Peers; from++)
        {
            frames.Add(Frame(from, FrameKind.Hello, 0, 0, GreetingOf(from)));
            frames.Add(Frame(from, FrameKind.Status, 1, last, StatusOf(1, last)));
        }
        if (scene == MemberScene.InTheRing)
            frames.Add(Frame(1, FrameKind.Decided, 1, 0, new ViewMessage(0, 0, 0, default, 0, LoneMember.RingView(LoneMember.Session)).Encode()));
        return frames;
    }

    /// <summary>What an episode's inputs are made of.</summary>
    public static List<byte[]> All(MemberScene scene)
    {
        List<byte[]> frames = scene == MemberScene.InTheRing ? StepFrames.Of(LoneMember.RingView(LoneMember.Session), LoneMember.Layout, isRing: true, Run) : [];
        long step = scene == MemberScene.Behind ? 8 : 1;
        for (int from = 1; from < LoneMember.Peers; from++)
        {
            Add(FrameKind.Hello, GreetingOf(from), view: 0);
            Add(FrameKind.Probe, new Probe(0, true, 1, 0, LoneMember.Options.Fingerprint.Parts).Encode(), view: 0);
            Add(FrameKind.Status, StatusOf(scene == MemberScene.BeforeFounding ? 0 : 1, step));
            Add(FrameKind.Ready, [1, 2, 0, 0]);
            Add(FrameKind.Held, [.. digest.Bytes.Span, .. default(ChainDigest).Bytes.Span]);
            Add(FrameKind.Weights, digest.Bytes.ToArray());
            Add(FrameKind.Weights, []);
            Add(FrameKind.Ask, [0x96, 0, 1, 0, 1, 3, 0]);
            Add(FrameKind.NotYet, [2, 1]);
            foreach (FetchKind kind in Enum.GetValues<FetchKind>())
                Add(FrameKind.Fetch, new FetchAsk(1, kind, 1, 0, default, kind == FetchKind.Records).Encode());
            View next = LoneMember.RingView(LoneMember.Session, scene == MemberScene.BeforeFounding ? 1 : 2);
            foreach (FrameKind kind in (FrameKind[])[FrameKind.PreVote, FrameKind.PreVoted])
                Add(kind, default(ViewMessage).Encode(), view: next.Number);
            foreach (FrameKind kind in (FrameKind[])[FrameKind.Prepare, FrameKind.Promise, FrameKind.Accepted, FrameKind.Rejected, FrameKind.CaughtUp])
                Add(kind, new ViewMessage(257, 0, 0, default, 0, null).Encode(), view: next.Number);
            foreach (FrameKind kind in (FrameKind[])[FrameKind.Promise, FrameKind.Accept, FrameKind.CatchUp, FrameKind.Decided])
                Add(kind, new ViewMessage(257, 257, 0, default, 1, next).Encode(), view: next.Number);
            if (scene == MemberScene.Behind)
            {
                foreach (var (head, bytes) in Answers())
                    Add(FrameKind.Piece, [.. head, .. bytes]);
                foreach (var (head, bytes) in Answers())
                    Add(FrameKind.Piece, [.. head, .. bytes]);
            }

            void Add(FrameKind kind, byte[] payload, int view = 1) =>
                frames.Add(Frame(from, kind, scene == MemberScene.BeforeFounding && view == 1 ? 0 : view, step, payload));
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
            var head = new byte[FetchAnswer.HeadLength];
            new FetchAnswer(1, result, step, total, 8, ChainDigest.Of(snapshot), chain[6].Digest).Write(head);
            return head;
        }
    }

    static byte[] GreetingOf(int from) => new Hello(LoneMember.Session, false, LoneMember.Incarnation + (ulong)from, 0, digest, LoneMember.Options.Fingerprint.Parts).Encode();

    static byte[] StatusOf(int view, long last)
    {
        var payload = new byte[PeerStatus.MaxLength];
        return payload[..new PeerStatus(view, last, last, view == 0 ? StatusFlags.None : StatusFlags.Active, VoterSet.First(LoneMember.Peers)).Write(payload)];
    }

    static byte[] Frame(int from, FrameKind kind, int view, long step, byte[] payload) =>
        FrameInput.Join(from - 1, new FrameHeader(kind, Run, LoneMember.Session + (ulong)from, view, step, 0, 0, 0, 0, 0, default, 0), payload);
}
