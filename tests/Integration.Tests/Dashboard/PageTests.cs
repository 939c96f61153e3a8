using System.Globalization;
using DecentralizedLion.Peer.Metrics;
using Microsoft.Playwright;

namespace DecentralizedLion.Integration.Tests.Dashboard;

/// <summary>Looks at the page of a run in a browser: what is shown is what the metrics say.</summary>
[Collection(SequentialCollection.Name)]
public sealed class PageTests(Browser browser) : IClassFixture<Browser>
{
    const string Address = "dashboard: ";

    static string Fixed(double? value) => value!.Value.ToString("0.000", CultureInfo.InvariantCulture);

    static string Percent(double? value) => $"{(value!.Value * 100).ToString("0.0", CultureInfo.InvariantCulture)} %";

    static async Task<string> AddressOf(PeerProcess program)
    {
        await program.Says(Address);
        return program.Text.Split('\n').First(line => line.StartsWith(Address, StringComparison.Ordinal))[Address.Length..];
    }

    static PeerProcess Serve(TestCluster place) =>
        place.Program("dashboard", ["dashboard", place.In("out"), "--listen", "127.0.0.1:0"]);

    [BrowserFact]
    public async Task A_finished_run_is_shown_as_its_metrics_say_at_every_step_in_both_themes_and_on_a_telephone()
    {
        using var place = new TestCluster(3, """{ "steps": 24, "evaluateEvery": 10 }""", pooled: true);
        await place.Train();
        var server = Serve(place);
        var address = await AddressOf(server);
        await using var page = await browser.Open(address);
        var metrics = place.Metrics("b");
        var steps = metrics.OfType<Stepped>().ToDictionary(e => e.Step);

        await page.UntilStatus("finished");
        Assert.Equal("24", await page.Figure("Step"));
        Assert.Equal(Percent(place.Metrics("a").OfType<Evaluated>().Last().Accuracy), await page.Figure("Test accuracy"));
        foreach (var step in (long[])[24, 7])
        {
            await page.Select(step);
            Assert.Equal(Fixed(steps[step].Loss), await page.Figure("Training loss"));
            // Each peer measures agreement on the parameters that it decided.
            var agreement = place.Names.SelectMany(place.Metrics).OfType<Stepped>().Where(e => e.Step == step)
                .Average(e => e.Agreement);
            Assert.Equal(Percent(agreement), await page.Figure("Agreement"));
            foreach (var name in place.Names)
            {
                var own = place.Metrics(name).OfType<Stepped>().Single(e => e.Step == step);
                var row = await page.Row(name);
                Assert.Equal($"{step}", row[2]);
                Assert.Equal(own.Digest[..12], row[^1]);
                var state = step == 24 ? "finished" : own.Abstained.Contains(name) ? own.Why : "votes";
                Assert.Equal(state, await page.StateInRing(name));
            }
        }
        Assert.Equal(["a – b", "a – c", "b – c"], (await page.Texts("#links tbody th")).Order());
        Assert.All(await page.Texts("#links tbody td:last-child"), rate => Assert.EndsWith("B/s", rate));
        await page.Press("ArrowRight");
        await page.UntilStep(8);
        Assert.Equal(8, await page.Step());
        await page.Press("End");
        await page.UntilStep(24);

        await page.Choose("#filter-kind", "checkpoint");
        Assert.Contains(await page.Texts("#events li"), text => text.Contains("step-00000024.safetensors"));
        await page.Choose("#filter-kind", "all");
        await page.Type("#filter-text", "the run begins");
        Assert.Equal(metrics.OfType<Fault>().Single(e => e.What == "founded").Text,
            Assert.Single(await page.Texts("#events .event-text")).Split(" · ")[0]);
        Assert.All(await page.PointAt("loss"), value => Assert.Matches(@"^\d+\.\d{3}$", value));

        Assert.Equal("rgb(244, 245, 247)", await page.Style("body", "backgroundColor"));
        await page.Choose("#theme", "dark");
        Assert.Equal("rgb(17, 21, 27)", await page.Style("body", "backgroundColor"));
        await using var telephone = await browser.Open(address, width: 380, theme: ColorScheme.Dark);
        Assert.Equal("rgb(17, 21, 27)", await telephone.Style("body", "backgroundColor"));
        Assert.Equal(0, await telephone.Overflow());
        Assert.Equal(0, await page.Overflow());
        foreach (var shown in (RunPage[])[page, telephone])
        {
            Assert.Empty(shown.Errors);
            Assert.Equal(new Uri(address).Authority, Assert.Single(shown.Hosts));
        }
    }

    /// <summary>The page is that of one peer that trains: it knows of the others what its own metrics say.</summary>
    [BrowserFact]
    public async Task A_peer_that_is_killed_and_comes_back_is_shown_meanwhile()
    {
        using var place = new TestCluster(3, $$"""{ "steps": {{TestCluster.Endless}}, "suspectAfter": 2, "deadline": "off" }""",
            pooled: true);
        var a = place.Peer("a", "--dashboard", "127.0.0.1:0");
        PeerProcess[] others = [place.Peer("b"), place.Peer("c")];
        await using var page = await browser.Open(await AddressOf(a));
        await page.UntilState("c", "votes");
        await page.UntilStatus("running");

        await others[1].KillAndRead();
        await page.UntilState("c", "away");
        await a.Says("was removed from the view");
        var lost = (await page.Row("c"))[1];
        Assert.Contains("removed from the view", lost);
        Assert.Contains(await page.Texts("#alerts .notice"), text => text.Contains("c is not in the ring"));
        Assert.Equal(["2 of 2 vote", "quorum 2"], await page.TextContents("#ring .centre"));

        var before = a.Last!.Step;
        var again = place.Peer("c");
        await again.Step(before + 1);
        await page.UntilState("c", "votes");
        await page.UntilStep(again.Last!.Step);

        // What was shown can be looked up: a step without c, and its digest.
        var alone = place.Metrics("a").OfType<Stepped>().First(e => e.Away.Contains("c"));
        await page.Select(alone.Step);
        Assert.Equal("away", await page.StateInRing("c"));
        Assert.Equal(alone.Digest[..12], (await page.Row("a"))[^1]);
        Assert.Empty(page.Errors);
        foreach (var peer in (PeerProcess[])[a, others[0], again])
            peer.Say("leave");
        foreach (var peer in (PeerProcess[])[a, others[0], again])
            await peer.Exits(0);
    }
}
