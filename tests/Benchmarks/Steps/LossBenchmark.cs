using System.Globalization;
using DecentralizedLion.Benchmarks.Exchange;
using DecentralizedLion.Benchmarks.Model;

namespace DecentralizedLion.Benchmarks.Steps;

/// <summary>
/// How many steps four hosts take to a loss on CIFAR-10's test part, the ViT of <c>steps</c> with the same initial distribution,
/// batch and gradient clip: programs that train with this library, and PyTorch's DistributedDataParallel with AdamW. The number
/// of steps does not depend on the links: the time behind links is this number times the time of a step, which <c>steps</c>
/// measures.
/// </summary>
static class LossBenchmark
{
    const int Peers = 4;

    static readonly (string Name, string Hook)[] hooks =
        [("DDP, fp32", "fp32"), ("DDP, fp16", "fp16"), ("DDP, PowerSGD rank 1", "powersgd")];

    /// <summary>Runs it.</summary>
    /// <param name="options">--data, the folder of CIFAR-10; --target, the loss in thousandths; --batch of each host; --every,
    /// steps between two looks; --most, steps after which a contender is given up; --lion and --adam, learning rates in
    /// millionths, several with commas between: each is tried, and the fewest steps count; --only, a part of the names of the
    /// contenders to measure.</param>
    /// <param name="output">Takes the table.</param>
    public static void Run(Options options, TextWriter output)
    {
        string data = options.Text("--data") ?? throw new ArgumentException("--data: missing; needed is the folder of CIFAR-10");
        double target = options.Number("--target", 1700) / 1000.0;
        int batch = options.Number("--batch", 8), every = options.Number("--every", 20), most = options.Number("--most", 1600);
        double[] lion = Rates(options.Text("--lion") ?? "200"), adam = Rates(options.Text("--adam") ?? "700");
        string only = options.Text("--only") ?? "";
        options.Finish();
        StepSetup[] setups = [.. StepSetup.All.Where(setup => !setup.IsAlone && setup.Name.Contains(only))];
        (string Name, string Hook)[] compared = [.. hooks.Where(hook => hook.Name.Contains(only))];
        if (setups.Length + compared.Length == 0)
            throw new ArgumentException($"--only: found \"{only}\"; allowed is a part of one of "
                + string.Join("; ", [.. StepSetup.All.Where(setup => !setup.IsAlone).Select(setup => setup.Name),
                    .. hooks.Select(hook => hook.Name)]));
        Environment.SetEnvironmentVariable("OPENBLAS_NUM_THREADS", "1");
        Environment.SetEnvironmentVariable("OMP_NUM_THREADS", "1");
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Steps to a test loss of {target} on CIFAR-10, the ViT, "
            + $"{Peers} hosts on loopback, batch {batch} each, a look every {every} steps; load before {Machine.Load}."));
        output.WriteLine();
        output.WriteLine("| contender | learning rate | steps | loss | s, training alone |");
        output.WriteLine("|--|--|--|--|--|");
        var hosts = new Hosts(Peers, null);
        foreach (StepSetup setup in setups)
            foreach (double rate in lion)
            {
                using var ring = new RingFolder("loss", hosts, Hosts.FreePorts(Peers, group: 3));
                Measure(new Contender(setup.Name, hosts, host =>
                [
                    .. Machine.OwnProgram, LossPeer.Command, ring.PeersFile, RingFolder.IdOf(host), $"{host}", setup.Name,
                    $"{batch}", data, Text(rate),
                ]), rate);
            }
        if (compared.Length > 0 && !ExchangeBenchmark.HasTorch())
        {
            output.WriteLine("DDP: not measured, python3-torch is not installed (tests/setup.sh --benchmarks installs it)");
            return;
        }
        foreach ((string name, string hook) in compared)
            foreach (double rate in adam)
                Measure(StepsBenchmark.Ddp(name, hook, hosts, ModelCase.Vit with { Batch = batch }, data, Text(rate)), rate);

        void Measure(Contender contender, double rate)
        {
            using (contender)
            {
                (int steps, double loss, double seconds) = (0, double.PositiveInfinity, 0);
                while (loss > target && steps < most)
                {
                    Round round = contender.Run(every);
                    steps += every;
                    loss = round.Peers.Average(peer => peer.Values["loss"]);
                    seconds += every * round.BackToBack;
                    Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture,
                        $"{contender.Name}, rate {rate}: step {steps}, test loss {loss:F3}"));
                }
                string count = loss <= target ? $"{steps}" : $"> {steps}";
                output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"| {contender.Name} | {rate} | **{count}** | {loss:F3} | {seconds:F0} |"));
                output.Flush();
            }
        }
    }

    static double[] Rates(string millionths) =>
        [.. millionths.Split(',').Select(one => int.Parse(one, CultureInfo.InvariantCulture) / 1e6)];

    static string Text(double rate) => rate.ToString(CultureInfo.InvariantCulture);
}
