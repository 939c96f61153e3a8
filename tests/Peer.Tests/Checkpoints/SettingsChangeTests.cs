using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Models.Sampling;
using DecentralizedLion.Peer.Checkpoints;
using DecentralizedLion.Topology.Configuration;

namespace DecentralizedLion.Peer.Tests.Checkpoints;

public sealed class SettingsChangeTests : IDisposable
{
    static readonly Fingerprint before = new([new("batch", "32"), new("ties", "random"), new("delay", "0")]);

    readonly TemporaryFolder root = new();

    public void Dispose() => root.Dispose();

    [Fact]
    public void A_change_names_fields_with_both_values()
    {
        var read = WriteAndRead(before.Fields);
        Assert.Null(SettingsChange.Describe(read, before));
        var text = SettingsChange.Describe(read, new Fingerprint([new("batch", "64"), new("ties", "random"), new("kappa", "1")]));
        Assert.Contains("changed since the checkpoint of step 7: batch was 32 and is 64", text, StringComparison.Ordinal);
        Assert.Contains("kappa was absent and is 1", text, StringComparison.Ordinal);
        Assert.Contains("delay was 0 and is absent", text, StringComparison.Ordinal);
        Assert.DoesNotContain("ties", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_checkpoint_without_its_settings_is_said_to_have_none()
    {
        var text = SettingsChange.Describe(WriteAndRead([]), new Fingerprint([new("batch", "64")]));
        Assert.Contains("in which fields is not known", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_damaged_list_of_settings_is_none()
    {
        foreach (var text in new[] { "", "{", "null", "[null]", "[[\"a\"]]", "[[\"a\",null]]", "[[1,2]]" })
            Assert.Empty(SettingsChange.Read(text));
    }

    Progress WriteAndRead(IReadOnlyList<FingerprintField> settings)
    {
        TensorDeclaration[] layout = [new("w", TensorType.F32, [2])];
        var state = new CheckpointState(layout, [0ul], [], []);
        var folder = new CheckpointFolder(root.File("a"));
        var progress = new Progress(7, Digest.Of([7]), before.Hex, new SamplerState(40, [new(3, 2)], [0]))
        {
            Settings = settings,
        };
        folder.Write(progress, state, new float[2], "a");
        return Checkpoint.Read(folder.Shared(7), state, new float[2]);
    }
}
