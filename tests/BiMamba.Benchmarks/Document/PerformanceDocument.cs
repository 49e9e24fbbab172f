using System.Globalization;
using System.Text;
using BiMamba.Benchmarks.Results;
using BiMamba.Measurement;

namespace BiMamba.Benchmarks.Document;

/// <summary>docs/PERFORMANCE.md, a function of the results alone.</summary>
internal static class PerformanceDocument
{
    /// <summary>The folder of plots and results beside the document.</summary>
    public const string Folder = "performance";

    /// <summary>The document in Markdown.</summary>
    public static string Write(PerformanceResults results)
    {
        var text = new StringBuilder();
        text.Append("# Performance\n\nWritten by `dotnet run -c Release --project tests/BiMamba.Benchmarks -- table`; the numbers lie in [results.json](performance/results.json).\n\n");
        Machine(text, results);
        if (results.Note is { } note)
            text.Append(note).Append("\n\n");
        Bounds(text, results);
        Rates(text, "Decoding", results, round => round.Decode, round => round.Decode, "One token after the other, from an empty state; tokens a second.");
        Rates(text, "A prompt of 512 tokens", results, round => round.Prefill, round => round.Prefill, "Up to the logits of the last token; tokens a second.");
        Ceiling(text, results);
        Products(text, results);
        Memory(text, results);
        Work(text, results);
        Growth(text, results);
        Method(text);
        return text.ToString();
    }

    private static void Machine(StringBuilder text, PerformanceResults results)
    {
        var machine = results.Machine;
        Table(text, ["machine", ""], [
            ["processor", machine.Processor],
            ["cores, threads used", string.Create(CultureInfo.InvariantCulture, $"{machine.Cores}, {results.Threads}")],
            ["vectors", machine.Vectors],
            ["memory", Number(machine.MemoryBytes / 1e9, "0.0") + " GB"],
            ["read bandwidth, best", Number(Max(results, round => round.Bandwidth) / 1e9, "0.0") + " GB/s"],
            ["fp32 multiply-add peak, best", Number(Max(results, round => round.Peak) / 1e9, "0.0") + " GFLOP/s"],
            ["system", $"{machine.System}, {machine.Runtime}"],
            ["llama.cpp", results.Llama ?? "not measured"],
        ]);
        if (results.LlamaAbsent is { } why)
            text.Append(CultureInfo.InvariantCulture, $"Columns of llama.cpp are empty: {why}.\n\n");
    }

    private static void Bounds(StringBuilder text, PerformanceResults results)
    {
        text.Append("## Bounds\n\nA number over several sizes is that of the size where it is worst.\n\n");
        Table(text, ["what", "measured", "at", "bound", "met"], Bound.Of(results).Select(bound => (string[])
            [bound.What, bound.ValueText, bound.Size ?? "", bound.LimitText, bound.IsMet switch { true => "yes", false => "no", null => "" }]));
    }

    private static void Rates(StringBuilder text, string title, PerformanceResults results, Func<OurRound, double> ours, Func<LlamaRound, double> theirs, string sentence)
    {
        var types = results.Models.SelectMany(model => model.Llama).Select(row => row.Type).Distinct(StringComparer.Ordinal).ToList();
        text.Append(CultureInfo.InvariantCulture, $"## {title}\n\n{sentence}\n\n");
        Table(text, ["size", "BiMamba", .. types.Select(type => $"llama.cpp {type.ToUpperInvariant()}"), .. types.Select(type => $"over {type.ToUpperInvariant()}")], results.Models.Select(model => (string[])
        [
            model.Size,
            Number(model.Median(ours), "0.0"),
            .. types.Select(type => model.Find(type) is { Rounds.Count: > 0 } row ? Number(Statistics.Median(row.Rounds.Select(theirs)), "0.0") : ""),
            .. types.Select(type => Number(model.Ratio(type, ours, theirs), "0.00x")),
        ]));
    }

    private static void Ceiling(StringBuilder text, PerformanceResults results)
    {
        text.Append("## The byte ceiling\n\nBytes that a token must move at their stored size, and the share of the read bandwidth of the same moments at which they move. Where a part stays in a cache, the share can exceed 100 %.\n\n");
        var parts = results.Models.SelectMany(model => model.Parts).Select(part => part.Part).Distinct(StringComparer.Ordinal).ToList();
        Table(text, ["size", .. parts.Select(part => part + " (MB)"), "all (MB)", "GB/s", "share"], results.Models.Select(model => (string[])
        [
            model.Size,
            .. parts.Select(part => Number(model.Parts.FirstOrDefault(row => row.Part == part)?.Bytes / 1e6, "0.0")),
            Number(model.TokenBytes / 1e6, "0.0"),
            Number(model.TokenBytes * model.Median(round => round.Decode) / 1e9, "0.0"),
            Number(model.Median(round => round.CeilingShare), "0.0 %"),
        ]));
    }

    private static void Products(StringBuilder text, PerformanceResults results)
    {
        text.Append("## Linear layers in a prompt\n\nTwo operations a weight and token over time, over the fp32 multiply-add peak of the same moments: the sign products of 512 tokens alone, and the same operations over the time of the whole prefill.\n\n");
        Table(text, ["size", "sign products alone", "whole prefill"], results.Models.Select(model => (string[])
            [model.Size, Number(Bound.LinearShare(model), "0.00x"), Number(model.Median(round => round.PrefillShare), "0.00x")]));
    }

    private static void Memory(StringBuilder text, PerformanceResults results)
    {
        var types = results.Models.SelectMany(model => model.Llama).Select(row => row.Type).Distinct(StringComparer.Ordinal).ToList();
        text.Append("## Memory, first token, energy\n\nMemory while decoding; that of llama.cpp is its most. The file is in the page cache.\n\n");
        Table(text, ["size", "file (MB)", "resident (MB)", "its own", "mapped", .. types.Select(type => $"llama.cpp {type.ToUpperInvariant()} (MB)"), "first token (s)", "once more (s)", "J a token"], results.Models.Select(model => (string[])
        [
            model.Size,
            Number(model.FileBytes / 1e6, "0.0"),
            Number(Bound.Resident(model) / 1e6, "0.0"),
            Number(model.Rounds.Select(round => (double?)round.Memory?.Anonymous).Max() / 1e6, "0.0"),
            Number(model.Rounds.Select(round => (double?)round.Memory?.File).Max() / 1e6, "0.0"),
            .. types.Select(type => Number(model.Find(type)?.Rounds.Max(round => round.ResidentBytes) / 1e6, "0.0")),
            Number(model.Median(round => round.FirstToken), "0.000"),
            Number(Bound.Again(model), "0.000"),
            Number(model.Rounds.Select(round => round.TokenJoules).Min(), "0.000"),
        ]));
    }

    private static void Work(StringBuilder text, PerformanceResults results)
    {
        if (results.Evaluations.Count > 0)
        {
            text.Append("## Perplexity\n\nThe whole command `eval`, from its start to its end, over held.txt in windows of 1024 tokens, by the type that the state is stored in.\n\n");
            Table(text, ["model", "state", "tokens scored", "perplexity", "seconds", "tokens a second"], results.Evaluations.Select(row => (string[])
                [row.Model, row.State, Number(row.Tokens, "0"), Number(row.Perplexity, "0.00000"), Number(row.Seconds, "0.0"), Number(row.Tokens / row.Seconds, "0")]));
        }

        if (results.Conversion is not { } conversion)
            return;
        text.Append("## Conversion\n\nA checkpoint becomes a `.bimb` file, beside a plain copy of the same bytes.\n\n");
        Table(text, ["size", "seconds", "copy", "ratio", "memory of its own (MB)"], [[
            conversion.Size, Number(conversion.Seconds, "0.0"), Number(conversion.CopySeconds, "0.0"), Number(conversion.Ratio, "0.00x"), Number(conversion.AnonymousBytes / 1e6, "0.0")]]);
    }

    private static void Growth(StringBuilder text, PerformanceResults results)
    {
        text.Append("## How the cost grows\n\n");
        foreach (var (file, plot) in Plots.Of(results))
            text.Append(CultureInfo.InvariantCulture, $"![{plot.Title}]({Folder}/{file})\n\n");
    }

    private static void Method(StringBuilder text) => text.Append(
        """
        ## How it was measured

        Checkpoints have random weights in the official shapes (`bimambac synth`), so that nothing is downloaded; speed does not
        depend on the weights. Ours is the default conversion with its fp16 embedding and head, and fp32 state. Files of llama.cpp
        have the same shapes and the same fp16 embedding.

        Every round starts a process of `bimambac bench` and one of each type of llama.cpp in turn; the rates of a round are
        medians of its process, ratios are medians over the ratios of rounds. The read bandwidth and the fp32 peak are measured
        between the repetitions of `bench`; the bandwidth is the best of several orders of reading, on ordinary and on huge pages,
        over 1 GiB. Energy is read from the counters of the processor where the system allows it.

        `-- render docs/performance/results.json` writes this page again without measuring.

        """.ReplaceLineEndings("\n"));

    private static double? Max(PerformanceResults results, Func<OurRound, double> value) =>
        results.Models.SelectMany(model => model.Rounds).Select(round => (double?)value(round)).Max();

    private static void Table(StringBuilder text, string[] headers, IEnumerable<string[]> rows)
    {
        Row(text, headers);
        Row(text, [.. headers.Select((_, column) => column == 0 ? "---" : "---:")]);
        foreach (var row in rows)
            Row(text, row);
        text.Append('\n');
    }

    private static void Row(StringBuilder text, string[] cells) => text.Append("| ").AppendJoin(" | ", cells).Append(" |\n");

    private static string Number(double? value, string format) => value?.ToString(format, CultureInfo.InvariantCulture) ?? "";
}
