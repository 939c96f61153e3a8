using System.Runtime.Loader;
using System.Text;
using DecentralizedLion.Models;
using DecentralizedLion.Models.Datasets;
using DecentralizedLion.Peer.Checkpoints;
using DecentralizedLion.Peer.Cli;
using DecentralizedLion.Peer.Cli.Display;
using DecentralizedLion.Peer.Metrics;
using DecentralizedLion.Peer.Security;
using DecentralizedLion.Peer.Training;
using DecentralizedLion.Topology;
using DecentralizedLion.Topology.Configuration;
using DecentralizedLion.Topology.Transport;

// Events and generated text are UTF-8 whatever the locale says.
Console.OutputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
Console.SetOut(new StandardOutput(Console.Out));
try
{
    if (Environment.GetEnvironmentVariable(TorchLibrary.Variable) is { Length: > 0 } libtorch
        && AssemblyLoadContext.GetLoadContext(typeof(Program).Assembly) == AssemblyLoadContext.Default)
        return new TorchLoadContext(typeof(Program).Assembly, TorchLibrary.Load(libtorch)).Run(args);
    return await new CommandLine(CommandHandlers.Create(TimeProvider.System)).Invoke(args, Console.Out, Console.Error);
}
catch (Exception e) when (e is SettingsException or UsageException or DataException or CheckpointException or KeyFileException
    or MetricsException or TorchLibraryException)
{
    return Refuse(e.Message, ExitCode.Usage);
}
catch (DeviceException e)
{
    return Refuse($"--device: {e.Message}", ExitCode.Usage);
}
catch (Exception e) when (e is RingException or RingAddressException or IOException or UnauthorizedAccessException)
{
    return Refuse(e.Message, ExitCode.Failed);
}
catch (Exception e) when (MemoryShortage.Of(e) is not null)
{
    return Refuse(MemoryShortage.Of(e)!, ExitCode.Failed);
}

// A message quotes files that somebody else may have written.
static int Refuse(string message, int code)
{
    Console.Error.WriteLine(SafeText.Lines(message));
    return code;
}
