using System.Globalization;
using BiMamba.CommandLine.Console;
using BiMamba.Measurement;
using BiMamba.Runtime;

namespace BiMamba.CommandLine.Reports;

/// <summary>What bench says.</summary>
/// <param name="path">The model as the user named it.</param>
/// <param name="plan">What was asked for.</param>
/// <param name="runtime">How the model was run.</param>
/// <param name="bytes">The bytes of a token.</param>
/// <param name="measured">What was measured and the seconds to the first token, or null where nothing was.</param>
internal sealed class BenchReport(string path, BenchPlan plan, RuntimeOptions runtime, ByteCeiling bytes, BenchMeasurement? measured)
{
    private string Engine => RuntimeWords.Of(runtime.Engine);

    private string State => RuntimeWords.Of(runtime.StateType);

    /// <summary>The report as text.</summary>
    public void Write(TextWriter writer)
    {
        writer.WriteLine(measured is null
            ? $"{path}: nothing measured, state {State}"
            : string.Create(CultureInfo.InvariantCulture, $"{path}: threads {plan.Threads}, engine {Engine}, state {State}, repetitions {plan.Repetitions}, medians"));
        writer.WriteLine();
        WriteBytes(writer);
        if (measured is not { Result: var result } all)
            return;
        writer.WriteLine();
        WriteRates(writer, all);
        WritePoints(writer, "context", "ms a token", result.Contexts.Select(point => (point.Tokens, point.TokenSeconds * 1e3, point.Memory)));
        WritePoints(writer, "sequences", "tokens/s of all", result.Batches.Select(point => (point.Sequences, point.Sequences / point.StepSeconds, point.Memory)));
    }

    /// <summary>The report as JSON.</summary>
    public BenchJson ToJson() => new(1, path, plan.Threads, Engine, State, plan.Prompt, plan.Generate, new BenchBytesJson(bytes.Total, bytes.Parts), measured is null ? null : Json(measured));

    private static BenchMeasuredJson Json(BenchMeasurement measured)
    {
        var result = measured.Result;
        return new BenchMeasuredJson(
            measured.Machine,
            new BenchBandwidthJson(result.Bandwidth, result.Reads),
            result.Peak,
            new BenchDecodeJson(result.DecodeRate, result.DecodeBandwidth, result.DecodeShare, result.TokenJoules),
            new BenchPrefillJson(result.PrefillRate, result.PrefillLinearRate, result.PrefillShare),
            result is { LinearRate: { } rate, LinearShare: { } share } ? new BenchLinearsJson(rate, share) : null,
            new BenchFirstTokenJson(measured.FirstToken, measured.FirstTokenAgain),
            result.Memory, result.Contexts, result.Batches, result.Repetitions);
    }

    private void WriteBytes(TextWriter writer)
    {
        var table = new TextTable("bytes a token", "share", "part");
        foreach (var part in bytes.Parts)
            table.Add(Number(part.Bytes, "0"), Number(100.0 * part.Bytes / bytes.Total, "0.0") + " %", part.Part);
        table.Add(Number(bytes.Total, "0"), "100.0 %", "all");
        table.Write(writer);
    }

    private void WriteRates(TextWriter writer, BenchMeasurement all)
    {
        var result = all.Result;
        var best = result.Reads.MaxBy(rate => rate.BytesPerSecond)!;
        var table = new TextTable("measured", "value", "unit", "of");
        table.Add("read bandwidth", Number(result.Bandwidth / 1e9, "0.0"), "GB/s", $"best of all: {best.Loop}, {best.Pages} pages");
        foreach (var pages in result.Reads.GroupBy(rate => rate.Pages, StringComparer.Ordinal))
            table.Add($"  {pages.Key} pages", Number(pages.Max(rate => rate.BytesPerSecond) / 1e9, "0.0"), "GB/s", "");
        table.Add("fp32 peak", Number(result.Peak / 1e9, "0.0"), "GFLOP/s", string.Create(CultureInfo.InvariantCulture, $"multiply-adds of {FmaPeak.VectorBits} bits"));
        table.Add("decode", Number(result.DecodeRate, "0.00"), "tokens/s", "");
        table.Add("  moved bytes", Number(result.DecodeBandwidth / 1e9, "0.0"), "GB/s", Share(result.DecodeShare, "the read bandwidth"));
        table.Add("  energy", result.TokenJoules is { } joules ? Number(joules, "0.000") : "", "J/token", "");
        table.Add(string.Create(CultureInfo.InvariantCulture, $"prefill of {plan.Prompt}"), Number(result.PrefillRate, "0.0"), "tokens/s", "");
        table.Add("  linears over all time", Number(result.PrefillLinearRate / 1e9, "0.0"), "GFLOP/s", Share(result.PrefillShare, "the fp32 peak"));
        if (result is { LinearRate: { } rate, LinearShare: { } share })
            table.Add("  sign products alone", Number(rate / 1e9, "0.0"), "GFLOP/s", Share(share, "the fp32 peak"));
        table.Add("first token", Number(all.FirstToken, "0.000"), "s", "a new process, from opening the files");
        table.Add("  once more", all.FirstTokenAgain is { } again ? Number(again, "0.000") : "", "s", "the same process");
        table.Add("resident memory", Megabytes(result.Memory?.Resident), "MB", "while decoding");
        table.Add("  its own", Megabytes(result.Memory?.Anonymous), "MB", "");
        table.Add("  mapped files", Megabytes(result.Memory?.File), "MB", "");
        table.Write(writer);
    }

    private static void WritePoints(TextWriter writer, string by, string what, IEnumerable<(int X, double Value, ProcessMemory? Memory)> points)
    {
        var table = new TextTable(by, what, "anonymous MB", "file MB");
        var any = false;
        foreach (var (x, value, memory) in points)
        {
            any = true;
            table.Add(Number(x, "0"), Number(value, "0.00"), Megabytes(memory?.Anonymous), Megabytes(memory?.File));
        }

        if (!any)
            return;
        writer.WriteLine();
        table.Write(writer);
    }

    private static string Share(double share, string of) => $"{Number(100 * share, "0.0")} % of {of}";

    private static string Megabytes(long? bytes) => bytes is { } known ? Number(known / 1e6, "0.0") : "";

    private static string Number(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}

/// <summary>What bench measured.</summary>
/// <param name="Result">Rates, shares and memory.</param>
/// <param name="Machine">The machine.</param>
/// <param name="FirstToken">Seconds from opening the files to the first logits, in a process that has just begun.</param>
/// <param name="FirstTokenAgain">The same once more, or null where the files are gone.</param>
internal sealed record BenchMeasurement(BenchResult Result, MachineDescription Machine, double FirstToken, double? FirstTokenAgain);
