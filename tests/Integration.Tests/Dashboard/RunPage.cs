using Microsoft.Playwright;

namespace DecentralizedLion.Integration.Tests.Dashboard;

/// <summary>The page of a run, as a person reads it.</summary>
sealed class RunPage : IAsyncDisposable
{
    static readonly float patience = (float)TimeSpan.FromSeconds(60).TotalMilliseconds;

    readonly IPage page;
    readonly List<string> errors = [];

    public RunPage(IPage page)
    {
        this.page = page;
        page.SetDefaultTimeout(patience);
        page.PageError += (_, error) => errors.Add(error);
        page.Console += (_, message) =>
        {
            if (message.Type == "error")
                errors.Add(message.Text);
        };
        page.Request += (_, request) => Hosts.Add(new Uri(request.Url).Authority);
    }

    /// <summary>The hosts that the page has asked for anything.</summary>
    public HashSet<string> Hosts { get; } = [];

    /// <summary>The errors that the page reported.</summary>
    public IReadOnlyList<string> Errors => errors;

    public async Task Open(string address)
    {
        await page.GotoAsync(address);
        await page.WaitForFunctionAsync("() => document.body.dataset.step !== undefined");
    }

    /// <summary>The run's status.</summary>
    public Task<string> Status() => page.Locator("#status").InnerTextAsync();

    public Task UntilStatus(string status) => page.Locator($"#status[data-status={status}]").WaitForAsync();

    /// <summary>A key figure, by its name.</summary>
    public Task<string> Figure(string name) => page.Locator($"[data-figure='{name}'] .figure-value").InnerTextAsync();

    /// <summary>The words for a peer's condition in the ring.</summary>
    public Task<string?> StateInRing(string peer) => page.Locator($"#ring [data-peer='{peer}']").GetAttributeAsync("data-state");

    /// <summary>Waits until the ring shows a peer in a condition.</summary>
    public Task UntilState(string peer, params string[] states) => page.Locator(
        string.Join(", ", states.Select(state => $"#ring [data-peer='{peer}'][data-state='{state}']"))).WaitForAsync();

    /// <summary>A peer's row in the table, cell by cell.</summary>
    public async Task<IReadOnlyList<string>> Row(string peer) =>
        [.. (await page.Locator($"#peers tr[data-peer='{peer}'] > *").AllInnerTextsAsync()).Select(text => text.Trim())];

    /// <summary>All texts that match a selector.</summary>
    public Task<IReadOnlyList<string>> Texts(string selector) => page.Locator(selector).AllInnerTextsAsync();

    /// <summary>The same of drawings.</summary>
    public Task<IReadOnlyList<string>> TextContents(string selector) => page.Locator(selector).AllTextContentsAsync();

    /// <summary>Moves to a step, and waits until it is shown.</summary>
    public async Task Select(long step)
    {
        await page.Locator("#step").FillAsync($"{step}");
        await page.Locator("#step").PressAsync("Enter");
        await page.WaitForFunctionAsync("step => document.body.dataset.step === step", $"{step}");
    }

    /// <summary>Moves with the slider, by its keys.</summary>
    public async Task Press(string key)
    {
        await page.Locator("#slider").FocusAsync();
        await page.Keyboard.PressAsync(key);
    }

    /// <summary>The step that is shown.</summary>
    public async Task<long> Step() => long.Parse(await page.EvaluateAsync<string>("() => document.body.dataset.step"));

    public Task UntilStep(long step) => page.WaitForFunctionAsync("step => Number(document.body.dataset.step) >= step", step);

    public Task Choose(string select, string value) => page.Locator(select).SelectOptionAsync(value);

    public Task Type(string input, string text) => page.Locator(input).FillAsync(text);

    /// <summary>The value of a property of an element's style.</summary>
    public Task<string> Style(string selector, string property) => page.EvaluateAsync<string>(
        "([selector, property]) => getComputedStyle(document.querySelector(selector))[property]", new[] { selector, property });

    /// <summary>Pixels by which the page is wider than its window.</summary>
    public Task<int> Overflow() => page.EvaluateAsync<int>(
        "() => Math.max(0, document.documentElement.scrollWidth - document.documentElement.clientWidth)");

    /// <summary>Points at the middle of a chart, and returns the values in its head.</summary>
    public async Task<IReadOnlyList<string>> PointAt(string chart)
    {
        await page.Locator($"[data-chart='{chart}'] .plot").HoverAsync();
        return await Texts($"[data-chart='{chart}'] .legend b");
    }

    public async ValueTask DisposeAsync() => await page.Context.DisposeAsync();
}
