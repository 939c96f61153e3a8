using System.CommandLine;

namespace DecentralizedLion.Peer.Cli.Options;

/// <summary>The options that several commands have.</summary>
sealed class CommonOptions
{
    public Option<string> Peers { get; } = new("--peers")
    {
        Description = "The settings that all peers share",
        HelpName = "FILE",
        DefaultValueFactory = _ => "peers.json",
    };

    public Option<string?> Data { get; } = OptionFactory.Text(
        "--data", "Where the data lies on this host, instead of data.path", "PATH");
    public Option<string> Device { get; } = OptionFactory.Device();

    public Option<int> Threads { get; } =
        OptionFactory.Whole("--threads", "CPU threads for libtorch (default: all cores; in a demo, shared by the peers)", 0, 1024,
            null);

    public Option<bool> FaultReport { get; } = OptionFactory.Flag(
        "--fault-report",
        "At the end: views, abstentions, retries, recovery times of this start (for all starts: peer faults DIR)");

    public Option<string?> TensorBoard { get; } = OptionFactory.Text(
        "--tensorboard", "Write the run's curves for TensorBoard into this folder; of a demo, into one for each peer", "DIR");

    public Option<bool> Force { get; } = OptionFactory.Flag("--force", "Replace files that are there");

    public Option<bool> Json { get; } = OptionFactory.Flag(
        "--json", "One JSON document on standard output instead of text; all else goes to standard error");

    public Option<string?> Checkpoint { get; } = OptionFactory.Text(
        "--checkpoint", "A .safetensors file, or a folder to take the newest from (default: runs/RUN)", "PATH");
}
