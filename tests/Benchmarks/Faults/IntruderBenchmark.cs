using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;

namespace DecentralizedLion.Benchmarks.Faults;

/// <summary>
/// The pace of four peers while an intruder (the one of the process tests, written in Python) is at their ports, against the same
/// run left alone just before and just after. It does what a hostile neighbour in the local network does to a small host, not all
/// that a fast link could carry; it runs on the same two CPUs, and what it takes of them itself is counted in.
/// </summary>
static class IntruderBenchmark
{
    const int Peers = 4, Observer = 0;

    static readonly TimeSpan settling = TimeSpan.FromSeconds(4);

    public static void Run(Options options, TextWriter output)
    {
        int seconds = options.Number("--seconds", 15), pace = options.Number("--pace", 50);
        var plan = new JsonObject
        {
            ["seconds"] = seconds,
            ["seed"] = 1,
            ["connections a second"] = options.Number("--connections", 100),
            ["garbage bytes a second"] = options.Number("--garbage", 1_000_000),
            ["half handshakes"] = options.Number("--open", 200),
        };
        bool tells = options.Number("--tell", 0) != 0;
        options.Finish();
        output.WriteLine(
            $"Pace of {Peers} peers on loopback with an intruder at all their ports: the demo's model, a gradient takes {pace} "
                + $"ms; {seconds} s a phase; "
            + $"{plan["connections a second"]} connections/s, {plan["garbage bytes a second"]} bytes of garbage/s, "
            + $"{plan["half handshakes"]} handshakes left open.");
        output.WriteLine($"Load of the machine before: {Machine.Load}.");
        plan["certificate"] = Certificate();
        Measure(secure: true, ["no encryption", "TLS with a key of its own", "connections", "garbage", "half handshakes"]);
        Measure(secure: false, ["connections", "garbage", "half handshakes"]);
        output.WriteLine();
        output.WriteLine($"Load at the end: {Machine.Load}.");

        void Measure(bool secure, string[] deeds)
        {
            using var fleet = new Fleet(FaultSettings.Demo, Peers, PacedPeer.Words, secure) { Tells = tells };
            fleet.StartAll($"{pace}");
            fleet.AwaitWhole(0);
            fleet.Listen(settling);
            plan["ports"] = new JsonArray([.. fleet.Ports.Select(port => JsonValue.Create(port))]);
            plan["insecure"] = !secure;
            output.WriteLine();
            output.WriteLine(secure ? "Encrypted links:" : "Insecure links:");
            output.WriteLine();
            output.WriteLine("| what the intruder does | rate / left alone | steps/s | median step ms | before and after, "
                + "steps/s | times removed from the view |");
            output.WriteLine("|--|--|--|--|--|--|");
            var time = TimeSpan.FromSeconds(seconds);
            StepPace before = StepPace.Of(fleet.Listen(time), Observer);
            foreach (string deed in deeds)
            {
                plan["deeds"] = new JsonArray(JsonValue.Create(deed));
                int mark = fleet.Mark;
                using Process intruder = Start(plan);
                // it ends after its time, not before
                StepPace during = StepPace.Of(fleet.Listen(time - TimeSpan.FromSeconds(1)), Observer);
                intruder.Kill();
                intruder.WaitForExit();
                fleet.Listen(settling / 2);
                StepPace after = StepPace.Of(fleet.Listen(time), Observer);
                output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"| {deed} | **{2 * during.Rate / (before.Rate + after.Rate):F3}** | {during.Rate:F2} | "
                    + $"{1e3 * during.Median:F1} | {before.Rate:F2}, {after.Rate:F2} | "
                    + $"{fleet.Since(mark).Count(said => said.IsFault("removed"))} |"));
                output.Flush();
                before = after;
            }
        }
    }

    /// <summary>A file with a certificate that no roster has, and its key.</summary>
    static string Certificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using X509Certificate2 own = new CertificateRequest("CN=DecentralizedLion peer", key, HashAlgorithmName.SHA256)
            .CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(100));
        string file = Path.Combine(Path.GetTempPath(), $"intruder-{Environment.ProcessId}.pem");
        File.WriteAllText(file, $"{own.ExportCertificatePem()}\n{key.ExportPkcs8PrivateKeyPem()}\n");
        return file;
    }

    static Process Start(JsonObject plan)
    {
        string file = Path.Combine(Path.GetTempPath(), $"intruder-{Environment.ProcessId}.json");
        File.WriteAllText(file, plan.ToJsonString());
        var start = new ProcessStartInfo("/usr/bin/python3",
            [Path.Combine(AppContext.BaseDirectory, "Faults", "intruder.py"), file])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        Process intruder = Process.Start(start)!;
        if (intruder.StandardOutput.ReadLine() is null)
            throw new InvalidOperationException(
                "the intruder did not start: python3-zmq and python3-msgpack are needed (tests/setup.sh installs them)");
        File.Delete(file);
        intruder.StandardInput.WriteLine();
        intruder.StandardInput.Flush();
        return intruder;
    }
}
