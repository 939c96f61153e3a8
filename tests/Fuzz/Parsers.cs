using DecentralizedLion.Fuzz.Frames;
using DecentralizedLion.Fuzz.Targets;
using DecentralizedLion.Topology.Simulation;

namespace DecentralizedLion.Fuzz;

/// <summary>Every parser of bytes that are not our own.</summary>
static class Parsers
{
    static readonly (string Name, Func<Target> Make)[] all =
    [
        ("messagepack", () => new MessagePackTarget()),
        ("envelope", () => new EnvelopeTarget()),
        ("hello", Payloads.HelloTarget),
        ("probe", Payloads.ProbeTarget),
        ("status", Payloads.StatusTarget),
        ("held", Payloads.HeldTarget),
        ("view-message", Payloads.ViewMessageTarget),
        ("fetch", Payloads.AskTarget),
        ("piece", Payloads.AnswerTarget),
        ("records", Payloads.RecordsTarget),
        ("acceptor", Payloads.AcceptorTarget),
        ("exchange", () => new ExchangeTarget(isRing: true)),
        ("direct", () => new ExchangeTarget(isRing: false)),
        ("member", () => new MemberTarget(MemberScene.InTheRing)),
        ("newcomer", () => new MemberTarget(MemberScene.BeforeBootstrap)),
        ("behind", () => new MemberTarget(MemberScene.Behind)),
        ("peers.json", () => new PeersJsonTarget()),
        ("journal", () => new JournalTarget()),
        ("safetensors", () => new SafetensorsTarget()),
        ("data-state", () => new SamplerStateTarget()),
        ("view.state", () => new ViewStateTarget()),
        ("idx", () => new IdxTarget(packed: false)),
        ("idx.gz", () => new IdxTarget(packed: true)),
        ("cifar10", () => new CifarTarget()),
        ("text", () => new TokensTarget(isText: true)),
        ("tokens", () => new TokensTarget(isText: false)),
        ("metrics", () => new MetricsTarget()),
        .. Enum.GetValues<StepKind>().Where(shape => shape != StepKind.Vote).SelectMany(OfShape),
    ];

    /// <summary>Their names.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. all.Select(parser => parser.Name)];

    static IEnumerable<(string Name, Func<Target> Make)> OfShape(StepKind shape)
    {
        foreach (bool isRing in (bool[])[true, false])
            yield return (ExchangeTarget.NameOf(isRing, shape), () => new ExchangeTarget(isRing, shape));
        string records = $"records-{shape}";
        yield return (records, () => Payloads.RecordsTarget(records, shape));
    }

    /// <summary>Makes one ready to be run.</summary>
    public static Target Make(string name) => all.First(parser => parser.Name == name).Make();
}
