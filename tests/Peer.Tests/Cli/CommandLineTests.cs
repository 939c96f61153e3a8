using DecentralizedLion.Peer.Cli;
using DecentralizedLion.Peer.Cli.Compare;
using DecentralizedLion.Peer.Cli.Dashboard;
using DecentralizedLion.Peer.Cli.Demo;
using DecentralizedLion.Peer.Cli.Doctor;
using DecentralizedLion.Peer.Cli.Evaluate;
using DecentralizedLion.Peer.Cli.Export;
using DecentralizedLion.Peer.Cli.Faults;
using DecentralizedLion.Peer.Cli.Generate;
using DecentralizedLion.Peer.Cli.Init;
using DecentralizedLion.Peer.Cli.Keygen;
using DecentralizedLion.Peer.Cli.Logging;
using DecentralizedLion.Peer.Cli.Plan;
using DecentralizedLion.Peer.Cli.Run;
using DecentralizedLion.Peer.Cli.Simulate;
using DecentralizedLion.Peer.Cli.Tokenize;
using DecentralizedLion.Topology;
using DecentralizedLion.Topology.Simulation.Faults;

namespace DecentralizedLion.Peer.Tests.Cli;

public class CommandLineTests
{
    /// <summary>Stands in for all handlers, and remembers what was asked of them.</summary>
    sealed class Recorder
    {
        public object? Asked { get; private set; }

        public CommandHandlers Handlers => new()
        {
            Run = new RecordingHandler<RunOptions>(this),
            Demo = new RecordingHandler<DemoOptions>(this),
            Init = new RecordingHandler<InitOptions>(this),
            Keygen = new RecordingHandler<KeygenOptions>(this),
            Doctor = new RecordingHandler<DoctorOptions>(this),
            Faults = new RecordingHandler<FaultsOptions>(this),
            Dashboard = new RecordingHandler<DashboardOptions>(this),
            Evaluate = new RecordingHandler<EvaluateOptions>(this),
            Generate = new RecordingHandler<GenerateOptions>(this),
            Export = new RecordingHandler<ExportOptions>(this),
            Tokenize = new RecordingHandler<TokenizeOptions>(this),
            Simulate = new RecordingHandler<SimulateOptions>(this),
            Compare = new RecordingHandler<CompareOptions>(this),
            Plan = new RecordingHandler<PlanOptions>(this),
        };

        sealed class RecordingHandler<TOptions>(Recorder recorder) : ICommandHandler<TOptions>
        {
            public Task<int> RunAsync(TOptions options, CancellationToken stop)
            {
                recorder.Asked = options;
                return Task.FromResult(7);
            }
        }
    }

    /// <summary>Parses a command line, words between single spaces.</summary>
    internal static async Task<(int Code, object? Asked, string Text)> Invoke(string line)
    {
        var recorder = new Recorder();
        using var text = new StringWriter();
        var code = await new CommandLine(recorder.Handlers)
            .Invoke(line.Split(' ', StringSplitOptions.RemoveEmptyEntries), text, text);
        return (code, recorder.Asked, text.ToString());
    }

    static async Task<(int Code, object? Asked, string Text)> Invoke(params string[] words)
    {
        var recorder = new Recorder();
        using var text = new StringWriter();
        var code = await new CommandLine(recorder.Handlers).Invoke(words, text, text);
        return (code, recorder.Asked, text.ToString());
    }

    [Theory]
    [InlineData("--out: found \"\"; allowed is DIR, not empty", "run", "--out", "")]
    [InlineData("--key: found \"\"; allowed is FILE, not empty", "keygen", "a", "--key", "")]
    [InlineData("--prompt: found \"\"; allowed is TEXT, not empty", "generate", "--prompt", "")]
    [InlineData("--peers: found \"\"; allowed is FILE, not empty", "demo", "--peers", "")]
    [InlineData("--dashboard: found \"\"; allowed is ADDRESS:PORT, not empty", "demo", "--dashboard", "")]
    [InlineData("FILE: found \"\"; allowed is FILE, not empty", "compare", "")]
    [InlineData("HOST: found \"\"; allowed is HOST, not empty", "init", "a", "")]
    [InlineData("FILE... OUT: found \"\"; allowed is FILE... OUT, not empty", "tokenize", "a", "")]
    public async Task An_empty_text_is_no_file_folder_name_or_address(string message, params string[] words)
    {
        var (code, asked, text) = await Invoke(words);
        Assert.Equal((ExitCode.Usage, null), (code, asked));
        Assert.Contains(message, text);
    }

    [Theory]
    [InlineData("--found", "--bootstrap")]
    [InlineData("--refound", "--force-new-ring")]
    public async Task A_flag_by_its_former_name_is_accepted_with_a_note(string old, string flag)
    {
        var asked = await Invoke($"run {old}");
        Assert.Equal((await Invoke($"run {flag}")).Asked, asked.Asked);
        Assert.Contains($"note: {old} is {flag} now", asked.Text);
        Assert.DoesNotContain(old, (await Invoke("run --help")).Text);
    }

    [Fact]
    public async Task Options_arrive()
    {
        var (code, asked, _) = await Invoke(
            "run --peers p.json --id b --key k --device cuda:1 --data d --out o --health-file h --threads 3 --fresh "
                + "--fault-report --profile --child");
        Assert.Equal(7, code);
        Assert.Equal(new RunOptions
        {
            PeersFile = "p.json",
            Id = "b",
            Key = "k",
            Device = "cuda:1",
            Data = "d",
            Out = "o",
            HealthFile = "h",
            Threads = 3,
            Fresh = true,
            FaultReport = true,
            Profile = true,
            Child = true,
        }, asked);
        Assert.Equal(new RunOptions { PeersFile = "peers.json" }, (await Invoke("run")).Asked);
        Assert.Equal(new RunOptions { PeersFile = "peers.json", Fresh = true, Bootstrap = Bootstrap.Single },
            (await Invoke("run --bootstrap --fresh")).Asked);
        Assert.Equal(new RunOptions { PeersFile = "peers.json", Bootstrap = Bootstrap.ForceNewRing, Slow = 2.5 },
            (await Invoke("run --force-new-ring --slow 2.5")).Asked);
        Assert.Equal(new DemoOptions { PeersFile = "peers.json", Plain = true }, (await Invoke("demo --plain")).Asked);
        Assert.Equal(new DemoOptions { PeersFile = "peers.json", NoRestart = true, FaultReport = true },
            (await Invoke("demo --no-restart --fault-report")).Asked);
        Assert.Equal(new DashboardOptions { Folder = "runs/x" }, (await Invoke("dashboard runs/x")).Asked);
        Assert.Equal(new DashboardOptions { Folder = "runs/x", Listen = "0.0.0.0:80", Token = "t" },
            (await Invoke("dashboard runs/x --listen 0.0.0.0:80 --token t")).Asked);
        Assert.Equal(new RunOptions { PeersFile = "peers.json", Id = "a", Dashboard = "" },
            (await Invoke("run --dashboard --id a")).Asked);
        Assert.Equal(new RunOptions { PeersFile = "peers.json", Dashboard = "10.0.0.1:80", DashboardToken = "t" },
            (await Invoke("run --dashboard 10.0.0.1:80 --dashboard-token t")).Asked);
        Assert.Equal(new DemoOptions { PeersFile = "peers.json", Dashboard = "9000" },
            (await Invoke("demo --dashboard 9000")).Asked);
        Assert.Equal(new RunOptions { PeersFile = "peers.json", Metrics = "9464", TensorBoard = "t", LogFormat = LogFormat.Json },
            (await Invoke("run --metrics 9464 --tensorboard t --log-format json")).Asked);
        Assert.Equal(new DemoOptions { PeersFile = "peers.json", Metrics = "9464", TensorBoard = "t" },
            (await Invoke("demo --metrics 9464 --tensorboard t")).Asked);
        Assert.Contains("--log-format: found \"xml\"; allowed is text or json", (await Invoke("run --log-format xml")).Text);
        Assert.Equal(new FaultsOptions { Folder = "runs/x" }, (await Invoke("faults runs/x")).Asked);
        Assert.Equal(new FaultsOptions { Folder = "runs/x", Json = true }, (await Invoke("faults runs/x --json")).Asked);
        Assert.Equal(
            new EvaluateOptions { PeersFile = "peers.json", Checkpoint = "c", Samples = 5, Json = true },
                (await Invoke("evaluate --checkpoint c --samples 5 --json")).Asked);
        Assert.Equal(new GenerateOptions { PeersFile = "peers.json", Prompt = "x", Temperature = 0.5, Tokens = 9, Seed = 2 },
            (await Invoke("generate --prompt x --temperature 0.5 --tokens 9 --seed 2")).Asked);
        Assert.Equal(new GenerateOptions { PeersFile = "peers.json" }, (await Invoke("generate")).Asked);
    }

    [Fact]
    public async Task Files_to_export_arrive_and_one_at_least_is_needed()
    {
        Assert.Equal(new ExportOptions
        {
            PeersFile = "p",
            Checkpoint = "c",
            Safetensors = "s",
            TorchScript = "t",
            Force = true,
            Json = true,
        }, (await Invoke("export --peers p --checkpoint c --safetensors s --torchscript t --force --json")).Asked);
        var none = await Invoke("export");
        Assert.Equal(2, none.Code);
        Assert.Contains("found no file to write; needed is --safetensors FILE, --torchscript FILE or both", none.Text);
    }

    [Fact]
    public async Task Texts_to_tokenize_arrive()
    {
        var asked = Assert.IsType<TokenizeOptions>((await Invoke("tokenize --validation 0.2 a b out --force")).Asked);
        Assert.Equal(["a", "b"], asked.Files);
        Assert.Equal(("gpt2", "out", 0.2, true), (asked.Tokenizer, asked.Out, asked.Validation, asked.Force));
        Assert.Equal(0.1, Assert.IsType<TokenizeOptions>((await Invoke("tokenize --tokenizer gpt2 a out")).Asked).Validation);
        Assert.Contains("FILE... OUT: found fewer than two paths", (await Invoke("tokenize a")).Text);
        Assert.Contains("--tokenizer: found \"bert\"; allowed is gpt2", (await Invoke("tokenize --tokenizer bert a out")).Text);
        Assert.Contains("--validation: found \"1\"; allowed is a number from 0.0001 to 0.9",
            (await Invoke("tokenize --validation 1 a out")).Text);
    }

    [Fact]
    public async Task Ids_of_keys_arrive()
    {
        var one = Assert.IsType<KeygenOptions>((await Invoke("keygen")).Asked);
        Assert.Equal((0, "peers.json", null, false), (one.Ids.Count, one.PeersFile, one.Key, one.Replace));
        var more = Assert.IsType<KeygenOptions>((await Invoke("keygen a b --peers p.json --replace")).Asked);
        Assert.Equal(["a", "b"], more.Ids);
        Assert.Equal(("p.json", true), (more.PeersFile, more.Replace));
        Assert.Equal("k", Assert.IsType<KeygenOptions>((await Invoke("keygen a --key k")).Asked).Key);
    }

    [Fact]
    public async Task Hosts_arrive()
    {
        var asked = Assert.IsType<InitOptions>((await Invoke(
            "init a b=c:9 - --port 5 --run r --steps 7 --model gpt --data text:t --keys k --out o --force")).Asked);
        Assert.Equal(["a", "b=c:9", "-"], asked.Hosts);
        Assert.Equal(new InitOptions
        {
            Hosts = asked.Hosts,
            Out = "o",
            Port = 5,
            Run = "r",
            Steps = 7,
            Model = "gpt",
            Data = "text:t",
            Keys = "k",
            Force = true,
        }, asked);
        var usual = Assert.IsType<InitOptions>((await Invoke("init --insecure --settings s")).Asked);
        Assert.Equal(("peers.json", 7700, true, "s", 0),
            (usual.Out, usual.Port, usual.Insecure, usual.Settings, usual.Hosts.Count));
        Assert.Contains("--keys: found \"k\" together with --insecure", (await Invoke("init a b --insecure --keys k")).Text);
        Assert.Contains("--steps: found together with --settings s", (await Invoke("init a b --settings s --steps 5")).Text);
    }

    [Fact]
    public async Task What_the_doctor_looks_at_arrives()
    {
        Assert.Equal(new DoctorOptions { PeersFile = "peers.json" }, (await Invoke("doctor")).Asked);
        Assert.Equal(new DoctorOptions
        {
            PeersFile = "p",
            Id = "b",
            Key = "k",
            Device = "cuda:1",
            Data = "d",
            Out = "o",
            Wait = 60,
            Json = true,
        },
            (await Invoke("doctor --peers p --id b --key k --device cuda:1 --data d --out o --wait 60 --json")).Asked);
        Assert.Contains("--wait: found \"0\"; allowed is a whole number from 1 to 3600", (await Invoke("doctor --wait 0")).Text,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Seeds_and_faults_arrive_and_are_repeated()
    {
        var asked = Assert.IsType<SimulateOptions>(
            (await Invoke("simulate --seeds 3..8 --peers 4 --faults crash,torn-write --jobs 2")).Asked);
        Assert.Equal((3, 8, 4, 2, false), (asked.FirstSeed, asked.LastSeed, asked.Peers, asked.Jobs, asked.Verbose));
        Assert.Equal([FaultKind.Crash, FaultKind.TornWrite], asked.Faults);
        Assert.Equal("peer simulate --seeds 5..5 --peers 4 --faults crash,torn-write --verbose", asked.Replay(5));
        Assert.Equal("peer simulate --seeds 9..9 --verbose", new SimulateOptions { FirstSeed = 0, LastSeed = 9 }.Replay(9));
        Assert.Equal(new SimulateOptions { FirstSeed = 1, LastSeed = 1 }, (await Invoke("simulate --seeds 1..1")).Asked);
        Assert.Equal(new SimulateOptions { FirstSeed = 1, LastSeed = 1, Json = true },
            (await Invoke("simulate --seeds 1..1 --json")).Asked);
        Assert.Equal([FaultKind.ForceNewRing], Assert.IsType<SimulateOptions>(
            (await Invoke("simulate --seeds 1..1 --faults force-new-ring")).Asked).Faults);
        Assert.Equal([FaultKind.ForceNewRing], Assert.IsType<SimulateOptions>(
            (await Invoke("simulate --seeds 1..1 --faults refound")).Asked).Faults); // its former name
        Assert.Contains("--seeds: found \"9..3\"", (await Invoke("simulate --seeds 9..3")).Text, StringComparison.Ordinal);
        Assert.Contains("--faults: found \"crush\"; allowed is loss, repeat",
            (await Invoke("simulate --seeds 1..2 --faults crush")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_compared_or_planned_arrives()
    {
        Assert.Equal(new CompareOptions { File = "c.json", Device = "cpu", Report = true, Json = true },
            (await Invoke("compare c.json --report --json")).Asked);
        Assert.Equal(new PlanOptions { Parameters = 5 }, (await Invoke("plan --parameters 5")).Asked);
        Assert.Equal(new PlanOptions { Parameters = 124_000_000 }, (await Invoke("plan --parameters 124M")).Asked);
        Assert.Equal(new PlanOptions { Parameters = 1_500 }, (await Invoke("plan --parameters 1.5k")).Asked);
        Assert.Equal(new PlanOptions
        {
            PeersFile = "p",
            Count = 4096,
            Link = 2.5e9,
            Latency = 3,
            Gradient = 0.4,
            Keep = 0.01,
            Json = true
        },
            (await Invoke("plan --peers p --count 4096 --link 2.5Gbit --latency 3 --gradient 0.4 --keep 0.01 --json")).Asked);
    }

    [Theory]
    [InlineData("", "Allowed commands: run, demo, init, keygen, doctor, faults, dashboard, evaluate, generate, export, tokenize")]
    [InlineData("dmo",
        "dmo: unknown command of peer; did you mean demo? Allowed: run, demo, init, keygen, doctor, faults, dashboard, evaluate, "
            + "generate, export, tokenize, simulate")]
    [InlineData("run --peesr x", "--peesr: unknown option of peer run; did you mean --peers? Allowed: --peers, --id, --key,")]
    [InlineData("demo x", "x: unknown word of peer demo.")]
    [InlineData("faults", "Required argument 'DIR' missing for command: 'faults'.")]
    [InlineData("run --threads many", "--threads: found \"many\"; allowed is a whole number from 0 to 1024")]
    [InlineData("run --threads -1", "--threads: found \"-1\"; allowed is a whole number from 0 to 1024")]
    [InlineData("run --slow 0.5", "--slow: found \"0.5\"; allowed is a number from 1 to 1000")]
    [InlineData("run --bootstrap --force-new-ring", "--force-new-ring: found together with --bootstrap; allowed is one of them")]
    [InlineData("run --fresh --force-new-ring",
        "--force-new-ring: found together with --fresh, which deletes what --force-new-ring continues from")]
    [InlineData("run --device gpu", "--device: found \"gpu\"; allowed is cpu, cuda, or cuda:N with N from 0 to 63")]
    [InlineData("plan --peers x --peers y", "--peers: given 2 times; allowed is once")]
    [InlineData("init a b --insecure --keys x --keys y", "--keys: given 2 times; allowed is once")]
    [InlineData("export --safetensors x --safetensors y", "--safetensors: given 2 times; allowed is once")]
    [InlineData("run --threads 1 --threads 2 --threads 3", "--threads: given 3 times; allowed is once")]
    [InlineData("run --peers", "--peers: found no value; needed is FILE")]
    [InlineData("run --slow", "--slow: found no value; needed is X")]
    [InlineData("run --dashboard-token t", "--dashboard-token: found without --dashboard and --metrics, which ask for it")]
    [InlineData("demo --dashboard-token t", "--dashboard-token: found without --dashboard and --metrics, which ask for it")]
    [InlineData("keygen a/b", "ID: found \"a/b\"; allowed are 1 to 63 characters")]
    [InlineData("keygen a b --key f", "--key: found \"f\" for 2 ids; allowed is one id")]
    [InlineData("generate --temperature hot", "--temperature: found \"hot\"; allowed is a number from 0 to 10")]
    [InlineData("plan", "--parameters: missing; allowed is a whole number from 1 to 2147483647, also with k, M or G: 124M")]
    [InlineData("plan --parameters 3G", "--parameters: found \"3G\"; allowed is a whole number from 1 to 2147483647")]
    [InlineData("plan --parameters 1.5", "--parameters: found \"1.5\"; allowed is a whole number from 1 to 2147483647")]
    [InlineData("plan --parameters M", "--parameters: found \"M\"; allowed is a whole number from 1 to 2147483647")]
    [InlineData("plan --parameters 2147483648",
        "--parameters: found \"2147483648\"; allowed is a whole number from 1 to 2147483647")]
    [InlineData("plan --parameters 5 --count 4097", "--count: found \"4097\"; allowed is a whole number from 2 to 4096")]
    [InlineData("plan --parameters 5 --link 5MB", "--link: found \"5MB\"; allowed is a number with kbit, Mbit, Gbit or Tbit")]
    [InlineData("plan --parameters 5 --keep 0", "--keep: found \"0\"; allowed is a number from 1E-09 to 1")]
    [InlineData("generate --temperature NaN", "--temperature: found \"NaN\"; allowed is a number from 0 to 10")]
    public async Task What_is_not_understood_is_answered_with_what_is(string line, string message)
    {
        var (code, asked, text) = await Invoke(line);
        Assert.Equal(ExitCode.Usage, code);
        Assert.Null(asked);
        Assert.Contains(message, text);
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("run --help")]
    [InlineData("demo --help")]
    [InlineData("init --help")]
    [InlineData("keygen --help")]
    [InlineData("faults --help")]
    [InlineData("evaluate --help")]
    [InlineData("generate --help")]
    [InlineData("compare --help")]
    [InlineData("plan --help")]
    public async Task Help_has_examples(string line)
    {
        var (code, _, text) = await Invoke(line);
        Assert.Equal(0, code);
        Assert.Contains("Example", text);
        Assert.Contains("  peer ", text);
        Assert.DoesNotContain("--child", text);
    }

    [Fact]
    public async Task The_list_of_commands_has_one_sentence_for_each()
    {
        var (_, _, text) = await Invoke("--help");
        Assert.Contains("Makes a peer's secret key.", text);
        Assert.DoesNotContain("peer keygen a b c d", text);
        Assert.Contains("peer keygen a b c d", (await Invoke("keygen --help")).Text);
    }

    [Fact]
    public async Task A_plans_help_shows_no_default_that_is_not_one()
    {
        var (_, _, text) = await Invoke("plan --help");
        Assert.DoesNotContain("[default: 0]", text);
        Assert.Contains("(default: 1Gbit)", text);
    }

    [Theory]
    [InlineData("run")]
    [InlineData("demo")]
    [InlineData("doctor")]
    [InlineData("evaluate")]
    [InlineData("generate")]
    [InlineData("simulate")]
    public async Task Help_says_each_default_once(string command)
    {
        var (_, _, text) = await Invoke($"{command} --help");
        Assert.Contains("default", text);
        Assert.DoesNotContain(text.Split('\n'), line => line.Split("default: ").Length > 2);
    }

    [Fact]
    public void Sampling_follows_the_logits()
    {
        float[] logits = [0, 2, 1];
        Assert.Equal(1, Sampling.Draw(logits, 0, 0.99));
        Assert.Equal([0, 1, 2], new[] { 0.01, 0.5, 0.99 }.Select(u => Sampling.Draw(logits, 1, u)));
        Assert.Equal(1, Sampling.Draw(logits, 0.01, 0.999));
    }
}
