// A network and data of one's own, trained by several processes: start it once for each peer of peers.json.
//   dotnet run -c Release --project examples/CustomModel -- east
//   dotnet run -c Release --project examples/CustomModel -- west
using CustomModel;
using DecentralizedLion;
using static TorchSharp.torch;

var (id, roster, folder) = (args[0], args.ElementAtOrDefault(1) ?? "examples/CustomModel/peers.json", args.ElementAtOrDefault(2));
var steps = int.Parse(args.ElementAtOrDefault(3) ?? "1000");
set_num_threads(1);
manual_seed(1);
using var model = new Network();
var (train, test) = (new Spirals(6_000, seed: 1), new Spirals(1_000, seed: 2));

await using var ring = await RingClient.JoinAsync(roster, id, new PeerOptions
{
    Folder = folder,
    Log = Console.Error,
    Settings = new Dictionary<string, string> { ["data.digest"] = train.Digest },
});
using var optimizer = new DistributedLion(model.named_parameters(), ring, LearningRate.Cosine(3e-3, warmup: 50, steps: steps));
var sampler = new DistributedSampler(train.Count, ring, batch_size: 32, seed: 1);

optimizer.StepApplied += applied =>
{
    if (applied.Step % 100 == 0)
        Console.WriteLine($"step {applied.Step}  loss {applied.Loss:F3}  voters {applied.Voters}");
};
while (optimizer.CurrentStep < steps)
{
    using var scope = NewDisposeScope();
    var (inputs, targets) = train.Read(sampler.Next());
    optimizer.zero_grad();
    var loss = nn.functional.cross_entropy(model.call(inputs), targets);
    loss.backward();
    optimizer.step(loss);
}

using (no_grad())
using (NewDisposeScope())
{
    var (inputs, targets) = test.Read([.. Enumerable.Range(0, test.Count).Select(i => (long)i)]);
    var right = model.call(inputs).argmax(1).eq(targets).mean([0], type: float32).item<float>();
    Console.WriteLine($"step {optimizer.CurrentStep}  test accuracy {100 * right:F1} %  digest {optimizer.Digest[..12]}");
}
