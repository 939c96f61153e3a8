using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using DecentralizedLion.Codecs.Wire;
using MessagePack;

namespace DecentralizedLion.Topology.Tests.Architecture;

/// <summary>
/// Some of the MessagePack reader's methods throw what no parser catches (lengths of 2³¹ and more), or take an array of 2³² − 1
/// elements for an empty one. Only members that were looked at are called.
/// </summary>
public sealed class ReaderUseTests
{
    static readonly string[] checkedMembers =
    [
        ".ctor", "get_Consumed", "get_End",
        "ReadArrayHeader", "ReadBoolean", "ReadByte", "ReadInt32", "ReadInt64", "ReadUInt32", "ReadUInt64", "TryReadNil",
    ];

    [Fact]
    public void The_topology_reads_only_by_members_that_were_checked() =>
        Assert.Empty(Called(typeof(Ring).Assembly).Except(checkedMembers));

    [Fact]
    public void Codecs_adds_only_what_it_wraps() =>
        Assert.Equal(["ReadBytes", "ReadStringSequence"], Called(typeof(FrameHeader).Assembly).Except(checkedMembers).Order());

    static IEnumerable<string> Called(Assembly assembly)
    {
        using var file = new PEReader(File.OpenRead(assembly.Location));
        MetadataReader metadata = file.GetMetadataReader();
        return [.. metadata.MemberReferences.Select(metadata.GetMemberReference)
            .Where(member => member.Parent.Kind == HandleKind.TypeReference && TypeOf(member) == nameof(MessagePackReader))
            .Select(member => metadata.GetString(member.Name)).Distinct()];

        string TypeOf(MemberReference member) =>
            metadata.GetString(metadata.GetTypeReference((TypeReferenceHandle)member.Parent).Name);
    }
}
