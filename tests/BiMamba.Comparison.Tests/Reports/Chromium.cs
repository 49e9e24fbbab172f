using System.Diagnostics;
using BiMamba.Testing;

namespace BiMamba.Comparison.Tests.Reports;

/// <summary>What a page is in a browser.</summary>
/// <param name="Width">Width of the window, in CSS pixels.</param>
/// <param name="ScrollWidth">Width of the document.</param>
/// <param name="IsDark">Whether the browser asks for dark pages.</param>
/// <param name="Background">Computed background of the body.</param>
/// <param name="Hidden">Texts of shown images that reach out of their image.</param>
/// <param name="Console">What the browser wrote to its console.</param>
internal sealed record PageView(int Width, int ScrollWidth, bool IsDark, string Background, string Hidden, IReadOnlyList<string> Console);

/// <summary>A headless Chromium, found by <c>BIMAMBA_CHROMIUM</c> or on the path.</summary>
internal static class Chromium
{
    private static readonly string[] Names = ["chromium", "chromium-browser", "google-chrome"];

    // In a frame, a page may be narrower than the least width of a window. The frame has the origin of the wrapper, which measures it.
    private const string Wrapper = """
        <!DOCTYPE html>
        <html><body style="margin:0"><iframe id="page" style="border:0;display:block" width="WIDTH" height="HEIGHT" srcdoc="PAGE"></iframe>
        <script>
        document.getElementById('page').onload = event => {
          const view = event.target.contentWindow, page = event.target.contentDocument, seen = document.documentElement.dataset;
          const cut = [...page.querySelectorAll('svg text')].filter(text => {
            const inner = text.getBoundingClientRect(), outer = text.closest('svg').getBoundingClientRect();
            return outer.width > 0 && (inner.left < outer.left - 1 || inner.right > outer.right + 1 || inner.top < outer.top - 1 || inner.bottom > outer.bottom + 1);
          });
          seen.seen = [view.innerWidth, page.documentElement.scrollWidth, view.matchMedia('(prefers-color-scheme:dark)').matches,
            view.getComputedStyle(page.body).backgroundColor, cut.map(text => text.textContent).join(' / ')].join(';');
        };
        </script></body></html>
        """;

    /// <summary>The browser's path; skips the running test where there is none.</summary>
    public static string Require()
    {
        var named = Environment.GetEnvironmentVariable("BIMAMBA_CHROMIUM");
        if (!string.IsNullOrEmpty(named))
            return named;
        var found = Names.SelectMany(name => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Select(folder => Path.Combine(folder, name))).FirstOrDefault(File.Exists);
        Assert.SkipWhen(found is null, "needs Chromium: chromium, chromium-browser or google-chrome on the path, or BIMAMBA_CHROMIUM");
        return found!;
    }

    /// <summary>Opens a page in a frame of a width and tells what it has become.</summary>
    public static async Task<PageView> Open(string html, int width, bool isDark)
    {
        using var folder = new TemporaryFolder();
        const int Height = 800;
        var wrapper = Wrapper.Replace("WIDTH", $"{width}", StringComparison.Ordinal).Replace("HEIGHT", $"{Height}", StringComparison.Ordinal)
            .Replace("PAGE", html.Replace("&", "&amp;", StringComparison.Ordinal).Replace("\"", "&quot;", StringComparison.Ordinal), StringComparison.Ordinal);
        await File.WriteAllTextAsync(folder["wrapper.html"], wrapper, TestContext.Current.CancellationToken);
        var (output, error) = await Run(
        [
            "--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
            "--disable-dev-shm-usage", "--enable-logging=stderr", $"--user-data-dir={folder["profile"]}", $"--blink-settings=preferredColorScheme={(isDark ? 0 : 1)}", $"--window-size={width},{Height}",
            "--dump-dom", new Uri(folder["wrapper.html"]).AbsoluteUri,
        ]);
        var console = error.Split('\n').Where(line => line.Contains(":CONSOLE", StringComparison.Ordinal)).ToList();
        const string Seen = "data-seen=\"";
        var start = output.IndexOf(Seen, StringComparison.Ordinal);
        Assert.True(start >= 0, $"nothing was measured:\n{error}");
        var seen = output[(start + Seen.Length)..output.IndexOf('"', start + Seen.Length)].Split(';', 5);
        return new PageView(int.Parse(seen[0]), int.Parse(seen[1]), seen[2] == "true", seen[3], seen[4], console);
    }

    private static async Task<(string Output, string Error)> Run(string[] arguments)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        stop.CancelAfter(TimeSpan.FromMinutes(1));
        using var browser = Process.Start(new ProcessStartInfo(Require(), arguments) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false })!;
        try
        {
            var (output, error) = (browser.StandardOutput.ReadToEndAsync(stop.Token), browser.StandardError.ReadToEndAsync(stop.Token));
            await browser.WaitForExitAsync(stop.Token);
            return (await output, await error);
        }
        finally
        {
            if (!browser.HasExited)
                browser.Kill(entireProcessTree: true);
        }
    }
}
