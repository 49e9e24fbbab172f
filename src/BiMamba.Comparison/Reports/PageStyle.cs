using BiMamba.Comparison.Reports.Figures;

namespace BiMamba.Comparison.Reports;

/// <summary>The style sheet of a page.</summary>
internal static class PageStyle
{
    /// <summary>The sheet. Colours are tellable apart with any colour vision and have a contrast of 3 and more, texts of 4.5, on both pages.</summary>
    public static string Sheet { get; } = (Light + Dark + Layout + Tables + Drawings).ReplaceLineEndings("\n");

    // Both ramps begin near the page: what stands out is a large error.
    private static string LightRamp => HeatScale.Declarations([(255, 244, 214), (250, 190, 110), (226, 106, 74), (150, 40, 95), (52, 12, 76)]);

    private static string DarkRamp => HeatScale.Declarations([(34, 30, 58), (98, 38, 108), (190, 62, 92), (244, 140, 72), (255, 236, 170)]);

    private static string Light => $$$"""
        :root{color-scheme:light dark;--page:#fff;--text:#1b1f24;--muted:#59636e;--line:#d5dbe1;--panel:#f5f7f9;--shade:#cdd5dd;--accent:#0a58ca;
        --full:#24292f;--bat:#c2410c;--ptb:#0b66b8;--other:#6d7681;
        --s0:#0b66b8;--s1:#c2410c;--s2:#0f7b4f;--s3:#a3338f;--s4:#8a6a00;--s5:#0a8aa6;--s6:#6b46c9;--s7:#7a5548;
        {{{LightRamp}}}}

        """;

    private static string Dark => $$$"""
        @media (prefers-color-scheme:dark){:root{--page:#101418;--text:#e4e8ec;--muted:#9aa5b1;--line:#2e363e;--panel:#181e24;--shade:#38434e;--accent:#78b4ff;
        --full:#e4e8ec;--bat:#ff9d5c;--ptb:#5cb3ff;--other:#9aa5b1;
        --s0:#5cb3ff;--s1:#ff9d5c;--s2:#4fd09a;--s3:#f08bd8;--s4:#e0c040;--s5:#4fd3ea;--s6:#b79cff;--s7:#d0a898;
        {{{DarkRamp}}}}}

        """;

    private const string Layout = """
        *{box-sizing:border-box}
        html{-webkit-text-size-adjust:100%;text-size-adjust:100%}
        body{margin:0;background:var(--page);color:var(--text);font:1rem/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
        main{max-width:88rem;margin:0 auto;padding:clamp(1rem,4vw,3rem) clamp(.9rem,4vw,2.5rem)}
        h1{font-size:clamp(1.6rem,5vw,2.3rem);line-height:1.15;letter-spacing:-.02em;margin:0 0 .5rem;text-wrap:balance}
        h2{font-size:1.45rem;line-height:1.25;letter-spacing:-.01em;margin:0 0 .75rem}
        h3{font-size:1.08rem;line-height:1.3;margin:0}
        p{margin:0 0 .75rem}
        a{color:var(--accent)}
        code{font:.85em/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace}
        .lead{font-size:1.1rem;color:var(--muted)}
        .lead strong{color:var(--text)}
        nav ul{display:flex;flex-wrap:wrap;gap:.25rem 1.25rem;list-style:none;margin:0 0 .75rem;padding:0}
        nav a{display:inline-block;padding:.25rem 0}
        section{margin-top:2.5rem;padding-top:2rem;border-top:1px solid var(--line)}
        footer{margin-top:3rem;padding-top:1rem;border-top:1px solid var(--line);font-size:.875rem;color:var(--muted)}
        dl{margin:0}
        .facts{display:flex;flex-wrap:wrap;gap:.5rem 2rem;margin:0 0 1.25rem;font-size:.9rem}
        .facts dt,.columns dt{color:var(--muted)}
        .facts dt{font-size:.8rem}
        .facts dd{margin:0}
        .facts .hash dd{font:.8rem/1.6 ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace}
        .columns{display:grid;grid-template-columns:minmax(6rem,max-content) 1fr;gap:.25rem 1.25rem;margin:.5rem 0;font-size:.9rem}
        .columns dd{margin:0}
        details{margin:.5rem 0}
        summary{cursor:pointer;color:var(--accent);font-size:.9rem;padding:.35rem 0;width:fit-content}
        .notes{padding-left:1.2rem;margin:0}
        .published{border:1px dashed var(--muted);border-radius:10px;padding:1.25rem clamp(.75rem,3vw,1.5rem);background:var(--panel)}
        .published h3{margin-top:1.25rem}
        .source{color:var(--muted);font-size:.9rem}
        :focus-visible{outline:2px solid var(--accent);outline-offset:2px}

        """;

    private const string Tables = """
        .scroll{overflow-x:auto;border:1px solid var(--line);border-radius:8px;-webkit-overflow-scrolling:touch;background:
        linear-gradient(to left,var(--page) 1rem,transparent) right/2.5rem 100% no-repeat local,linear-gradient(to left,var(--shade),transparent) right/1.1rem 100% no-repeat scroll,var(--page)}
        table{border-collapse:separate;border-spacing:0;width:100%;font-size:.875rem;line-height:1.35}
        th,td{padding:.5rem .6rem;text-align:right;white-space:nowrap;border-bottom:1px solid var(--line);vertical-align:top;font-weight:400}
        tbody tr:last-child>*{border-bottom:0}
        thead th{color:var(--muted);font-size:.8rem;vertical-align:bottom;white-space:normal;overflow-wrap:normal;min-width:4rem}
        .word,th[scope=row],thead th:first-child{text-align:left}
        th[scope=row],thead th:first-child{position:sticky;left:0;background:var(--page);border-right:1px solid var(--line);z-index:1}
        th[scope=row]{font-weight:600;white-space:normal;overflow-wrap:anywhere;min-width:7.5rem;max-width:10rem}
        td small,th small{display:block;color:var(--muted);font-size:.78rem;font-weight:400}
        th small.tag{display:inline-block;color:var(--text);border:1px solid var(--line);border-radius:99px;padding:0 .45rem;line-height:1.4}
        .method{white-space:normal;min-width:14rem;max-width:26rem}
        .reference>*{background:var(--panel)}
        tr.reference th[scope=row]{background:var(--panel)}
        .apart{color:var(--muted);font-style:italic}
        sup{line-height:0;font-style:normal;margin-left:.15em}
        sup a{padding:.3em .2em}
        .training{display:inline-flex;align-items:center;gap:.35rem}
        .footnotes{margin:.75rem 0 0;padding-left:1.4rem;font-size:.85rem;color:var(--muted)}
        :target{color:var(--text)}
        @media (max-width:40rem){th[scope=row]{min-width:6.5rem;max-width:8.5rem}th,td{padding:.45rem .55rem}}

        """;

    private static string Drawings => """
        figure{margin:2.25rem 0 0}
        figcaption p{color:var(--muted);font-size:.9rem;margin:.15rem 0 .75rem;max-width:48rem}
        svg{display:block;font-family:inherit}
        .wide{width:100%;max-width:60rem;height:auto}
        .narrow{display:none;width:100%;max-width:30rem;height:auto}
        @media (max-width:40rem){.wide{display:none}.narrow{display:block}}
        .key{display:inline-block;width:.9rem;height:.9rem;flex:none;vertical-align:-.1em}
        .line-key{width:1.9rem}
        .grid{stroke:var(--line);stroke-width:1}
        .axis{stroke:var(--muted);stroke-width:1}
        text{fill:var(--text);font-size:12px}
        .tick{fill:var(--muted);font-size:11.5px}
        .axis-label{fill:var(--muted);font-size:12px}
        .label{paint-order:stroke;stroke:var(--page);stroke-width:3px;stroke-linejoin:round}
        .front{fill:none;stroke:var(--muted);stroke-width:1.5;stroke-dasharray:5 4}
        .front-key{display:inline-block;width:1.9rem;border-top:2px dashed var(--muted);flex:none}
        .leader{fill:none;stroke:var(--muted);stroke-width:.75}
        .full{--c:var(--full)}.bat{--c:var(--bat)}.ptb{--c:var(--ptb)}.other{--c:var(--other)}
        .s-ref{--c:var(--text)}
        """ + string.Concat(Enumerable.Range(0, 8).Select(i => $".s{i}{{--c:var(--s{i})}}")) + """

        .mark{fill:var(--c);stroke:var(--page);stroke-width:1}
        .line{fill:none;stroke:var(--c);stroke-width:1.75;stroke-linejoin:round}
        .line.s-ref{stroke-width:2.75}
        .dashed{stroke-dasharray:6 4}
        .heat:hover{stroke:var(--text);stroke-width:1.5}

        """ + string.Concat(Enumerable.Range(0, HeatScale.Steps).Select(HeatScale.StepClass).Select(step => $".{step}{{fill:var(--{step})}}")) + """

        .hz{fill:none;stroke:var(--line);background:var(--page)}
        .hx{fill:var(--accent);background:var(--accent)}
        .heat-key{display:inline-block;width:.9rem;height:.9rem;border:1px solid var(--line);flex:none}
        .legend{display:flex;flex-wrap:wrap;gap:.3rem 1.2rem;list-style:none;margin:.75rem 0 0;padding:0;font-size:.875rem}
        .legend li{display:flex;align-items:center;gap:.45rem;min-width:0}
        .missing{color:var(--muted);font-size:.875rem;margin:.5rem 0 0}
        @media print{.scroll{overflow:visible}details{display:none}section{break-before:auto}figure{break-inside:avoid}}

        """;
}
