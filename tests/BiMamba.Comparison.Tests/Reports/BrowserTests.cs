using BiMamba.Comparison.Reports;

namespace BiMamba.Comparison.Tests.Reports;

/// <summary>The page in a browser: on a phone and on a desk, light and dark.</summary>
public sealed class BrowserTests
{
    [Theory]
    [InlineData(360, false)]
    [InlineData(360, true)]
    [InlineData(1200, false)]
    [InlineData(1200, true)]
    public async Task A_page_fits_its_window_and_nothing_is_refused(int width, bool isDark)
    {
        Chromium.Require();
        var view = await Chromium.Open(HtmlPage.Render(SampleReport.Make(), SampleReport.Published()), width, isDark);
        Assert.Empty(view.Console);
        Assert.Equal(width, view.Width);
        Assert.True(view.ScrollWidth <= width, $"the page is {view.ScrollWidth} wide in a window of {width}");
        Assert.Equal(isDark, view.IsDark);
        Assert.Equal(isDark ? "rgb(16, 20, 24)" : "rgb(255, 255, 255)", view.Background);
        Assert.Equal("", view.Hidden);
    }

    [Fact]
    public async Task The_browser_tells_of_what_a_page_must_not_do()
    {
        Chromium.Require();
        var html = HtmlPage.Render(SampleReport.Make()).Replace("</main>", "<div style=\"width:900px\">wide</div></main><script>window.x = 1</script>", StringComparison.Ordinal);
        var view = await Chromium.Open(html, 360, false);
        Assert.NotEmpty(view.Console);
        Assert.True(view.ScrollWidth > 360);
    }
}
