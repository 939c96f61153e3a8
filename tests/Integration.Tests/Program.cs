using DecentralizedLion.Integration.Tests.Pool;
using DecentralizedLion.Integration.Tests.Soak;

// As a program, these tests are a soak, or a process that tests run peers in; a test runner loads them as a library.
if (args is [PooledProgram.Command])
    return PooledProgram.Run();
if (args is ["stops", .. var stops])
{
    if (StopOptions.Read(stops) is { } stopOptions)
        return await StopRun.Run(stopOptions, Console.Out);
    Console.Error.WriteLine(StopOptions.Usage);
    return 2;
}
if (args is ["goodput", .. var goodput])
{
    if (GoodputOptions.Read(goodput) is { } goodputOptions)
        return await SoakRun.Goodput(goodputOptions, TimeProvider.System, Console.Out);
    Console.Error.WriteLine(GoodputOptions.Usage);
    return 2;
}
if (args is not ["soak", .. var rest])
{
    Console.Error.WriteLine(string.Join("\n\n", SoakOptions.Usage, GoodputOptions.Usage, StopOptions.Usage));
    return 2;
}
var (options, error) = SoakOptions.Read(rest);
if (options is null)
{
    Console.Error.WriteLine(error);
    Console.Error.WriteLine(SoakOptions.Usage);
    return 2;
}
return await SoakRun.Run(options, TimeProvider.System, Console.Out);
