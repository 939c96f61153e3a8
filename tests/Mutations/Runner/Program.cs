using System.Globalization;
using DecentralizedLion.Topology.Simulation;

// Runs seeds in turn, two at a time, and stops at the first that fails: runner FIRST LAST
int first = int.Parse(args[0], CultureInfo.InvariantCulture), last = int.Parse(args[1], CultureInfo.InvariantCulture);
var one = new Lock();
int next = first;
SimulationResult? failed = null;

Thread[] threads = [new(Work), new(Work)];
foreach (Thread thread in threads)
    thread.Start();
foreach (Thread thread in threads)
    thread.Join();

if (failed is not null)
    Console.WriteLine($"seed {failed.Seed}: {failed.Failure!.Split('\n')[0]}");
else
    Console.WriteLine($"seeds {first} to {last} pass");
return failed is null ? 0 : 1;

void Work()
{
    while (Take() is { } seed)
    {
        SimulationResult result = SimulationRun.Run(seed);
        lock (one)
        {
            // All lower ones are done or under way, so that the lowest is found whichever ends first.
            if (!result.IsOk && !(failed?.Seed < seed))
                failed = result;
        }
    }
}

int? Take()
{
    lock (one)
        return failed is null && next <= last ? next++ : null;
}
