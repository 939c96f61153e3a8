using System.Globalization;
using DecentralizedLion.Benchmarks.Model;
using DecentralizedLion.Models.Datasets;
using DecentralizedLion.Peer.Metrics;
using static TorchSharp.torch;

namespace DecentralizedLion.Benchmarks.Profile;

/// <summary>One process of the measurement of a step's parts: a program that trains a GPT with the library. Started by the
/// benchmark itself, see <see cref="Exchange.Contender"/>; it answers with the seconds of each part of its steps.</summary>
static class ProfilePeer
{
    /// <summary>The hidden command that a peer's process is started with.</summary>
    public const string Command = "profile-peer";

    /// <summary>Arguments: peers.json, our id, millions of parameters.</summary>
    public static async Task Run(string[] arguments, TextReader input, TextWriter output)
    {
        set_num_threads(1);
        ModelCase one = ProfileNetwork.Of(int.Parse(arguments[2], CultureInfo.InvariantCulture));
        using nn.Module<Tensor, Tensor> network = one.Network();
        Batch batch = one.Draw();
        using Tensor inputs = tensor(batch.Tokens!, batch.InputShape).clone();
        using Tensor targets = tensor(batch.Targets).clone();
        var profiles = new List<Profiled>();
        await using RingClient ring = await RingClient.JoinAsync(arguments[0], arguments[1], new PeerOptions
        {
            Folder = Path.Combine(Path.GetDirectoryName(arguments[0])!, arguments[1]),
            Profile = true,
            OnEvent = happened =>
            {
                if (happened is Profiled profile)
                    profiles.Add(profile);
            },
        });
        using var optimizer = new DistributedLion(network.named_parameters(), ring, LearningRate.Constant(1e-4));
        output.WriteLine("ready");
        output.Flush();
        while (input.ReadLine() is { } line)
        {
            profiles.Clear();
            int steps = int.Parse(line, CultureInfo.InvariantCulture);
            for (int at = 0; at < steps; at++)
            {
                using var scope = NewDisposeScope();
                optimizer.zero_grad();
                Tensor loss = nn.functional.cross_entropy(network.call(inputs), targets);
                loss.backward();
                optimizer.step(loss);
            }
            IEnumerable<string> parts = profiles[0].Parts.Keys.Select(part =>
                string.Create(CultureInfo.InvariantCulture, $"{part}={profiles.Sum(profile => profile.Parts[part])}"));
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"peak={PeakBytes()} {string.Join(' ', parts)} ")
                + $"seconds={string.Join(',', profiles.Select(Seconds))}");
            output.Flush();
        }
    }

    static string Seconds(Profiled profile) => profile.Seconds.ToString(CultureInfo.InvariantCulture);

    /// <summary>The most memory that the process has had in use.</summary>
    static long PeakBytes()
    {
        using var self = System.Diagnostics.Process.GetCurrentProcess();
        return self.PeakWorkingSet64;
    }
}
