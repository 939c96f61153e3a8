using System.Globalization;
using DecentralizedLion.Benchmarks;
using DecentralizedLion.Benchmarks.Device;
using DecentralizedLion.Benchmarks.Exchange;
using DecentralizedLion.Benchmarks.Faults;
using DecentralizedLion.Benchmarks.Kernels;
using DecentralizedLion.Benchmarks.Machinery;
using DecentralizedLion.Benchmarks.Model;
using DecentralizedLion.Benchmarks.Profile;
using DecentralizedLion.Benchmarks.Scale;
using DecentralizedLion.Benchmarks.Steps;

switch (args)
{
    case ["kernels"]:
        KernelBenchmark.Run(Console.Out);
        return 0;
    case ["exchange"]:
        ExchangeBenchmark.Run(Console.Out);
        return 0;
    case ["links"]:
        ExchangeBenchmark.RunLinks(Console.Out);
        return 0;
    case ["model"]:
        ModelBenchmark.Run(Console.Out);
        return 0;
    case ["device", .. var rest]:
        DeviceBenchmark.Run(new Options(rest), Console.Out);
        return 0;
    case ["failover", .. var rest]:
        FailoverBenchmark.Run(new Options(rest), Console.Out);
        return 0;
    case ["slow", .. var rest]:
        SlowBenchmark.Run(new Options(rest), Console.Out);
        return 0;
    case ["large", .. var rest]:
        LargeBenchmark.Run(new Options(rest), Console.Out);
        return 0;
    case ["rejoin", .. var rest]:
        RejoinBenchmark.Run(new Options(rest), Console.Out);
        return 0;
    case ["intruder", .. var rest]:
        IntruderBenchmark.Run(new Options(rest), Console.Out);
        return 0;
    case ["machinery", .. var rest]:
        MachineryBenchmark.Run(new Options(rest), Console.Out);
        return 0;
    case ["scale", .. var rest]:
        ScaleBenchmark.Run(new Options(rest), Console.Out);
        return 0;
    case ["steps", .. var rest]:
        StepsBenchmark.Run(rest, Console.Out);
        return 0;
    case ["profile", .. var rest]:
        ProfileBenchmark.Run(rest, Console.Out);
        return 0;
    case ["unequal", .. var rest]:
        UnequalBenchmark.Run(new Options(rest), Console.Out);
        return 0;
    case ["loss", .. var rest]:
        LossBenchmark.Run(new Options(rest), Console.Out);
        return 0;
    case ["library", .. var rest]:
        LibraryBenchmark.Run(new Options(rest), Console.Out);
        return 0;
    case [LibraryPeer.Command, .. var rest]:
        await LibraryPeer.Run(rest);
        return 0;
    case [LossPeer.Command, .. var rest]:
        await LossPeer.Run(rest, Console.In, Console.Out);
        return 0;
    case [UnequalPeer.Command, .. var rest]:
        await UnequalPeer.Run(rest, Console.In, Console.Out);
        return 0;
    case [StepPeer.Command, .. var rest]:
        await StepPeer.Run(rest, Console.In, Console.Out);
        return 0;
    case [StepsBenchmark.LinksCommand, var speed, .. var rest, var names]:
        StepsBenchmark.RunOn(names, int.Parse(speed, CultureInfo.InvariantCulture), rest, Console.Out);
        return 0;
    case [ProfilePeer.Command, .. var rest]:
        await ProfilePeer.Run(rest, Console.In, Console.Out);
        return 0;
    case [ProfileBenchmark.LinksCommand, var speed, .. var rest, var names]:
        ProfileBenchmark.RunOn(names, int.Parse(speed, CultureInfo.InvariantCulture), rest, Console.Out);
        return 0;
    case ["plan", .. var rest]:
        PlanBenchmark.Run(new Options(rest), Console.Out);
        return 0;
    case [PlanBenchmark.LinksCommand, var speed, var names]:
        PlanBenchmark.RunOn(names, int.Parse(speed, CultureInfo.InvariantCulture), Console.Out);
        return 0;
    case ["all"]:
        foreach (var run in new Action<TextWriter>[]
            { KernelBenchmark.Run, ExchangeBenchmark.Run, ExchangeBenchmark.RunLinks, ModelBenchmark.Run })
        {
            run(Console.Out);
            Console.WriteLine();
        }
        return 0;
    case [ExchangeBenchmark.PeerCommand, .. var rest]:
        ExchangePeer.Run(rest, Console.In, Console.Out);
        return 0;
    case [MachineryBenchmark.PeerCommand, .. var rest]:
        MachineryPeer.Run(rest, Console.In, Console.Out);
        return 0;
    case [PacedPeer.Command, .. var rest]:
        return PacedPeer.Run(rest, Console.In, Console.Out);
    case [ExchangeBenchmark.LinksCommand, var megabits, var namespaces]:
        ExchangeBenchmark.RunOn(namespaces, int.Parse(megabits, CultureInfo.InvariantCulture), Console.Out);
        return 0;
    default:
        Console.Error.WriteLine("""
            dotnet run -c Release --project tests/Benchmarks -- kernels | exchange | links | model | all
                device [--device cpu] [--millions 10,100] [--rounds 7] [--block 0]
                scale [--most 256] [--parameters 16384] [--seeds 1]
                plan [--rate 100]
                profile [--millions 1,10,100] [--peers 2,4,8] [--rates 0,1000,100,10] [--steps 8]
                steps [--networks vit,gpt] [--rates 0,1000,100,10] [--rounds 3] [--steps 4] [--batch 0] [--only TEXT]
                      [--pace 0]
                loss --data CIFAR10 [--target 1700] [--batch 8] [--every 20] [--most 1600] [--lion 200] [--adam 700]
                     [--only TEXT]
                library [--rounds 5] [--network vit]
                unequal [--faster 3] [--pace 6000] [--batch 64] [--seconds 20]
                failover [--kills 100] [--seed 1] [--tell 0]
                slow [--seconds 20] [--pace 100] [--tell 0]
                rejoin [--rounds 5] [--few 10] [--many 1000] [--slowly 400] [--quickly 25] [--tell 0]
                large [--width 768] [--depth 12] [--context 64] [--checkpoint-every 10] [--tell 0]
                intruder [--seconds 15] [--pace 50] [--connections 100] [--garbage 1000000] [--open 200] [--tell 0]
                machinery --data CIFAR10 [--rounds 11] [--steps 12]
            """);
        return 2;
}
