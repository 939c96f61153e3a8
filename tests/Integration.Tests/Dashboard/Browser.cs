using Microsoft.Playwright;

namespace DecentralizedLion.Integration.Tests.Dashboard;

/// <summary>The system's Chromium, started once for the tests that look at pages.</summary>
public sealed class Browser : IAsyncLifetime
{
    IPlaywright? playwright;
    IBrowser? browser;

    public async Task InitializeAsync()
    {
        if (Requirement.MissingBrowser() is not null)
            return; // the tests are skipped
        playwright = await Playwright.CreateAsync();
        browser = await playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = Requirement.BrowserProgram,
            Args = Environment.IsPrivilegedProcess ? ["--no-sandbox"] : [], // Chromium has no sandbox for root
        });
    }

    public async Task DisposeAsync()
    {
        if (browser is not null)
            await browser.DisposeAsync();
        playwright?.Dispose();
    }

    /// <summary>Opens an address in a window of its own. Whatever the page reports as an error is kept.</summary>
    internal async Task<RunPage> Open(string address, int width = 1280, ColorScheme theme = ColorScheme.Light)
    {
        var context = await browser!.NewContextAsync(new BrowserNewContextOptions
        {
            ViewportSize = new ViewportSize { Width = width, Height = 900 },
            ColorScheme = theme,
        });
        var page = new RunPage(await context.NewPageAsync());
        await page.Open(address);
        return page;
    }
}
