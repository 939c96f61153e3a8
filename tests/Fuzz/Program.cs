using DecentralizedLion.Fuzz;

// As a program, this is the long run; a test runner loads it as a library.
var (options, error) = FuzzOptions.Read(args);
if (options is null)
{
    Console.Error.WriteLine(error);
    Console.Error.WriteLine(FuzzOptions.Usage);
    return 2;
}
Console.WriteLine(FuzzStatistics.Head);
var failed = false;
foreach (string name in Parsers.Names.Where(name => options.Parser is null || options.Parser == name))
{
    using Target target = Parsers.Make(name);
    var run = new FuzzRun(target, options.Seed, options.Trace ? Console.Out : null);
    if (options.Only is { } only)
        run.Run(only, 1);
    else
        run.Run(0, options.Inputs);
    Console.WriteLine(run.FuzzStatistics.Row(name));
    foreach (string failure in run.FuzzStatistics.Failures)
        Console.WriteLine($"FAILED: {failure}");
    failed |= run.FuzzStatistics.Failures.Count > 0;
}
return failed ? 1 : 0;
