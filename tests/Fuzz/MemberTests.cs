using System.Buffers.Binary;
using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Fuzz.Frames;
using DecentralizedLion.Fuzz.Inputs;
using DecentralizedLion.Topology.StateTransfer;

namespace DecentralizedLion.Fuzz;

/// <summary>Tests of what the runs over a whole member rest on: good frames have their effect, and bad ones leave nothing
/// behind.</summary>
// Alone: memory of the whole process is measured.
[Collection("alone")]
public sealed class MemberTests
{
    const int Frames = 60_000;
    const long GrowthMax = 1 << 20;

    static readonly TimeSpan between = TimeSpan.FromMilliseconds(60);

    [Fact]
    public void The_others_good_frames_bring_a_step_to_its_end()
    {
        using IsolatedMember member = Open(MemberScene.InTheRing);
        member.Wait(between);
        foreach (byte[] frame in MemberFrames.All(MemberScene.InTheRing))
        {
            var (from, envelope, _) = FrameInput.Split(frame, IsolatedMember.Peers);
            Assert.True(FrameHeader.TryRead(envelope, out FrameHeader header, out _));
            Give(member, header.Kind == FrameKind.StepAck ? FrameInput.Join(from - 1, header, member.Transport.LastAck) : frame);
            if (member.Member.Committed > 0)
                return;
        }
        Assert.Fail($"the step is not committed; stopped: {member.Stopped}; held: {member.Transport.LastAck.Length}; dropped: "
            + string.Join(", ",
                Enum.GetValues<DropReason>().Select(reason => $"{reason} {member.Transport.Counters.Dropped(reason)}")));
    }

    [Fact]
    public void A_good_answer_brings_records()
    {
        using IsolatedMember member = Open(MemberScene.Behind);
        for (int time = 0; time < 20 && member.Member.Committed < 8; time++)
        {
            member.Wait(between);
            foreach (byte[] frame in MemberFrames.All(MemberScene.Behind))
            {
                var (from, envelope, payload) = FrameInput.Split(frame, IsolatedMember.Peers);
                Assert.True(FrameHeader.TryRead(envelope, out FrameHeader header, out _));
                byte[] answer = payload.ToArray();
                if (header.Kind != FrameKind.FetchResponse || FetchResponse.TryRead(answer)?.Result != FetchResult.Bytes
                    || answer.Length < 300)
                    continue;
                BinaryPrimitives.WriteInt32LittleEndian(answer, member.Transport.LastAsk?.Id ?? 0);
                Give(member, FrameInput.Join(from - 1, header, answer));
            }
        }
        Assert.Equal(8, member.Member.Committed);
    }

    [Theory]
    [InlineData("member")]
    [InlineData("newcomer")]
    [InlineData("behind")]
    public void A_member_does_not_grow_by_what_it_is_sent(string parser)
    {
        using Target target = Parsers.Make(parser);
        var mutator = new Mutator(target.Seeds, target.IsText, target.Longest);
        target.Begin(new FuzzRandom(parser, 1, -1));
        long before = 0;
        for (int number = 0; number < Frames; number++)
        {
            var random = new FuzzRandom(parser, 2, number);
            target.Run(target.Repair(mutator.Make(random), random));
            if (number == Frames / 10)
                before = GC.GetTotalMemory(forceFullCollection: true);
        }
        long growth = GC.GetTotalMemory(forceFullCollection: true) - before;
        Assert.True(growth < GrowthMax, $"{growth} bytes more after {Frames} frames than after {Frames / 10}");
    }

    static IsolatedMember Open(MemberScene scene)
    {
        var member = new IsolatedMember(scene, isCut: false, _ => true);
        foreach (byte[] frame in MemberFrames.Opening(scene))
            Give(member, frame);
        return member;
    }

    static void Give(IsolatedMember member, byte[] input)
    {
        var (from, envelope, payload) = FrameInput.Split(input, IsolatedMember.Peers);
        member.Take(from, envelope, payload);
    }
}
