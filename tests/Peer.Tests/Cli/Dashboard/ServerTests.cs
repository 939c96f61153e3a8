using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using DecentralizedLion.Peer.Cli;
using DecentralizedLion.Peer.Cli.Dashboard.Feed;
using DecentralizedLion.Peer.Cli.Dashboard.History;
using DecentralizedLion.Peer.Cli.Dashboard.Server;
using DecentralizedLion.Peer.Metrics;
using static DecentralizedLion.Peer.Tests.Cli.Dashboard.MetricsWriter;

namespace DecentralizedLion.Peer.Tests.Cli.Dashboard;

public sealed class ServerTests : IAsyncLifetime
{
    const string Secret = "a-secret-of-enough-characters";

    readonly TemporaryFolder folder = new();
    readonly HttpClient client = new(new HttpClientHandler { AllowAutoRedirect = false, UseCookies = false });
    readonly List<DashboardServer> servers = [];
    readonly List<Exception> failures = [];

    public Task InitializeAsync()
    {
        Append(FileOf("a"), [Start("a"), .. Enumerable.Range(1, 2000).Select(step => Step(step))]);
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        client.Dispose();
        foreach (var server in servers)
            await server.DisposeAsync();
        folder.Dispose();
        Assert.Empty(failures);
    }

    string FileOf(string peer) => folder.File($"run/{peer}/{MetricsFolder.FileName}");

    async Task<Uri> Serve(AccessToken? token = null, string address = "127.0.0.1:0")
    {
        var server = await DashboardServer.StartAsync(new RunDescription("run", null, [], folder.File("run")),
            ListenAddress.Parse(address, "--listen"), token, TimeProvider.System, failures.Add);
        servers.Add(server);
        return server.Address;
    }

    async Task<HttpResponseMessage> Get(Uri address, string path = "/", Action<HttpRequestMessage>? change = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(address, path));
        change?.Invoke(request);
        return await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    [Fact]
    public async Task All_files_of_the_page_are_served_and_nothing_else()
    {
        var address = await Serve();
        using var page = await Get(address);
        Assert.Equal("text/html", page.Content.Headers.ContentType!.MediaType);
        var text = await page.Content.ReadAsStringAsync();
        foreach (var path in text.Split('"').Where(part => part.StartsWith('/')))
        {
            using var file = await Get(address, path);
            Assert.Equal(HttpStatusCode.OK, file.StatusCode);
        }
        Assert.Contains("default-src 'none'", page.Headers.GetValues("Content-Security-Policy").Single());
        Assert.False(page.Headers.Contains("Server"));
        Assert.False(page.Headers.Contains("Access-Control-Allow-Origin"));
        foreach (var path in (string[])["/none", "/../peers.json", "/api", "/metrics.jsonl"])
        {
            using var nothing = await Get(address, path);
            Assert.Equal(HttpStatusCode.NotFound, nothing.StatusCode);
        }
    }

    [Theory]
    [InlineData("evil.example", HttpStatusCode.MisdirectedRequest)]
    [InlineData("127.0.0.1.evil.example", HttpStatusCode.MisdirectedRequest)]
    [InlineData("10.0.0.1", HttpStatusCode.MisdirectedRequest)]
    [InlineData("localhost:1234", HttpStatusCode.OK)]
    [InlineData("[::1]", HttpStatusCode.OK)]
    [InlineData("127.0.0.1", HttpStatusCode.OK)]
    public async Task On_loopback_only_this_computer_s_names_are_answered(string host, HttpStatusCode code)
    {
        using var answer = await Get(await Serve(), "/api/state?step=5", request => request.Headers.Host = host);
        Assert.Equal(code, answer.StatusCode);
    }

    [Theory]
    [InlineData("70000", "--listen: found port 70000; allowed is 0 to 65535")]
    [InlineData(":70000", "--listen: found port 70000; allowed is 0 to 65535")]
    [InlineData("0x7f.1", "--listen: found \"0x7f.1\"; allowed is ADDRESS:PORT")]
    [InlineData("127.1:80", "--listen: found \"127.1:80\"; allowed is ADDRESS:PORT")]
    public void An_address_that_is_none_in_its_usual_form_is_refused(string text, string message) => Assert.Contains(message,
        Assert.Throws<UsageException>(() => ListenAddress.Parse(text, "--listen")).Message);

    [Theory]
    [InlineData("POST")]
    [InlineData("PUT")]
    [InlineData("DELETE")]
    [InlineData("OPTIONS")]
    public async Task It_can_only_be_read(string method)
    {
        var address = await Serve();
        using var answer = await Get(address, "/", request => request.Method = new HttpMethod(method));
        Assert.Equal(HttpStatusCode.MethodNotAllowed, answer.StatusCode);
    }

    [Fact]
    public async Task A_token_is_asked_for_everywhere_and_kept_in_a_cookie()
    {
        var address = await Serve(AccessToken.Of(Secret, "--token"));
        Assert.Equal($"?token={Secret}", address.Query);
        foreach (var path in (string[])["/", "/main.js", "/api/state?step=1", "/api/events", $"/?token={Secret}x", "/?token="])
        {
            using var refused = await Get(address, path);
            Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        }
        using var entered = await Get(address, address.PathAndQuery);
        Assert.Equal((HttpStatusCode.Redirect, "/"), (entered.StatusCode, entered.Headers.Location!.OriginalString));
        var cookie = entered.Headers.GetValues("Set-Cookie").Single();
        Assert.Contains("httponly", cookie);
        Assert.Contains("samesite=strict", cookie);
        using var page = await Get(address, "/", request => request.Headers.Add("Cookie", cookie.Split(';')[0]));
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        using var program = await Get(address, "/api/state?step=1",
            request => request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Secret));
        Assert.Equal(HttpStatusCode.OK, program.StatusCode);
    }

    [Fact]
    public async Task Off_loopback_there_is_a_token_even_when_none_is_given()
    {
        var address = await Serve(address: "0.0.0.0:0");
        var token = address.Query["?token=".Length..];
        Assert.InRange(token.Length, 32, 64);
        Assert.NotEqual(token, (await Serve(address: "0.0.0.0:0")).Query["?token=".Length..]);
        var here = new Uri($"http://127.0.0.1:{address.Port}/");
        using var refused = await Get(here);
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        using var entered = await Get(here, $"/?token={token}");
        Assert.Equal(HttpStatusCode.Redirect, entered.StatusCode);
    }

    [Theory]
    [InlineData("short")]
    [InlineData("with a space in it, which no address has")]
    public void A_token_that_is_too_short_or_fits_no_address_is_refused(string text) =>
        Assert.Contains("allowed are 16 or more", Assert.Throws<UsageException>(() => AccessToken.Of(text, "--token")).Message);

    [Fact]
    public void Tokens_are_compared_as_a_whole()
    {
        var token = AccessToken.Of(Secret, "--token");
        Assert.True(token.IsEqual(Secret));
        Assert.All((string?[])[null, "", Secret[..^1], Secret + "x", Secret.ToUpperInvariant()],
            other => Assert.False(token.IsEqual(other)));
    }

    [Theory]
    [InlineData(null, "127.0.0.1:8470")]
    [InlineData("", "127.0.0.1:8470")]
    [InlineData("9000", "127.0.0.1:9000")]
    [InlineData(":9000", "127.0.0.1:9000")]
    [InlineData("localhost:9000", "127.0.0.1:9000")]
    [InlineData("10.1.2.3", "10.1.2.3:8470")]
    [InlineData("10.1.2.3:80", "10.1.2.3:80")]
    [InlineData("[::1]:80", "[::1]:80")]
    [InlineData("::1", "[::1]:8470")]
    public void Addresses_are_read(string? text, string expected) =>
        Assert.Equal(expected, $"{ListenAddress.Parse(text, "--listen").EndPoint}");

    [Theory]
    [InlineData("example.org:80")]
    [InlineData("10.1.2.3:70000")]
    [InlineData("10.1.2.3:-1")]
    public void Other_addresses_are_refused(string text) =>
        Assert.Contains($"--listen: found \"{text}\"",
            Assert.Throws<UsageException>(() => ListenAddress.Parse(text, "--listen")).Message);

    [Fact]
    public async Task A_named_port_in_use_is_refused()
    {
        var first = await Serve();
        var refused = await Assert.ThrowsAsync<UsageException>(() => Serve(address: $"127.0.0.1:{first.Port}"));
        Assert.Contains($"127.0.0.1:{first.Port}", refused.Message);
    }

    [Fact]
    public async Task A_page_gets_everything_and_then_what_is_new()
    {
        var address = await Serve();
        using var stream = await Get(address, "/api/events");
        Assert.Equal("text/event-stream", stream.Content.Headers.ContentType!.MediaType);
        using var reader = new StreamReader(await stream.Content.ReadAsStreamAsync());
        var full = await Next(reader);
        while (full.GetProperty("progress").GetDouble() < 1)
            full = await Next(reader);
        Assert.Equal(2000, full.GetProperty("state").GetProperty("step").GetInt64());
        Assert.Equal(4, full.GetProperty("width").GetInt64());
        Assert.Equal(500, full.GetProperty("rows").GetArrayLength());
        Assert.Equal(SeriesTable.Fields.Count + SeriesTable.PeerFields.Count, full.GetProperty("rows")[0].GetArrayLength());

        Append(FileOf("a"), Step(2001), Ring("waiting", null, "waiting for a vote", 2001, 1));
        var update = await Next(reader);
        while (update.GetProperty("state").GetProperty("step").GetInt64() < 2001)
            update = await Next(reader);
        Assert.True(update.GetProperty("isUpdate").GetBoolean());
        Assert.Equal(500, update.GetProperty("rowsKept").GetInt32());
        Assert.Equal(1, update.GetProperty("rows").GetArrayLength());
        Assert.Equal("waiting", update.GetProperty("events").EnumerateArray().Single().GetProperty("what").GetString());
    }

    [Fact]
    public async Task The_last_word_is_sent_before_the_end()
    {
        var address = await Serve();
        using var stream = await Get(address, "/api/events");
        using var reader = new StreamReader(await stream.Content.ReadAsStreamAsync());
        while ((await Next(reader)).GetProperty("progress").GetDouble() < 1)
            continue;
        Append(FileOf("a"), new Ended(2000, Ended.Finished, DigestOf(2000), 1));
        await servers[0].DisposeAsync();
        servers.Clear();
        var rest = await reader.ReadToEndAsync();
        Assert.Contains("\"status\":\"finished\"", rest);
        Assert.EndsWith("event: end\ndata: \n\n", rest);
    }

    static async Task<JsonElement> Next(StreamReader reader)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (await reader.ReadLineAsync(limit.Token) is { } line)
            if (line.StartsWith("data: ", StringComparison.Ordinal))
                return JsonDocument.Parse(line["data: ".Length..]).RootElement;
        throw new EndOfStreamException("the server said no more");
    }
}
