using System.Globalization;
using System.Text.Json;
using BiMamba.Benchmarks.Results;
using BiMamba.Measurement;

namespace BiMamba.Benchmarks.Table;

/// <summary>The command line as processes of its own.</summary>
internal sealed class OurCommand(TableOptions options)
{
    /// <summary>Runs a command and gives its stdout and its seconds.</summary>
    public (string Output, double Seconds) Run(params IEnumerable<string> arguments) => ChildProcess.Run("dotnet", [options.Command, .. arguments]);

    /// <summary>One round of a model.</summary>
    public OurRound Measure(string model)
    {
        using var json = Bench(model, options.Threads, options.Repetitions);
        var measured = json.RootElement.GetProperty("measured");
        var decode = measured.GetProperty("decode");
        var prefill = measured.GetProperty("prefill");
        var first = measured.GetProperty("firstToken");
        return new OurRound(
            decode.GetProperty("tokensPerSecond").GetDouble(),
            prefill.GetProperty("tokensPerSecond").GetDouble(),
            decode.GetProperty("share").GetDouble(),
            measured.GetProperty("linears") is { ValueKind: JsonValueKind.Object } linears ? linears.GetProperty("share").GetDouble() : null,
            prefill.GetProperty("share").GetDouble(),
            first.GetProperty("seconds").GetDouble(),
            Number(first, "againSeconds"),
            measured.GetProperty("bandwidth").GetProperty("bytesPerSecond").GetDouble(),
            measured.GetProperty("peakOperationsPerSecond").GetDouble(),
            Memory(measured),
            Number(decode, "joulesPerToken"));
    }

    /// <summary>Bytes that a token moves.</summary>
    public IReadOnlyList<ByteShare> Parts(string model)
    {
        using var json = Bench(model, options.Threads, 0);
        return [.. json.RootElement.GetProperty("bytes").GetProperty("parts").EnumerateArray()
            .Select(part => new ByteShare(part.GetProperty("part").GetString()!, part.GetProperty("bytes").GetInt64()))];
    }

    /// <summary>How the cost of a token grows.</summary>
    public GrowthResult Grow(string model, string size)
    {
        using var contexts = Bench(model, options.Threads, 1, "--context", string.Join(',', options.Contexts.Select(Text)), "--batch", "1,2,4,8,16");
        var measured = contexts.RootElement.GetProperty("measured");
        var threads = Enumerable.Range(0, 16).Select(i => 1 << i).TakeWhile(count => count < Environment.ProcessorCount).Append(Environment.ProcessorCount);
        return new GrowthResult(
            size,
            [.. measured.GetProperty("contexts").EnumerateArray().Select(point => new GrowthPoint(
                point.GetProperty("tokens").GetInt32(), 1 / point.GetProperty("tokenSeconds").GetDouble(), null, Memory(point)?.Anonymous))],
            [.. measured.GetProperty("batches").EnumerateArray().Select(point => new GrowthPoint(
                point.GetProperty("sequences").GetInt32(), point.GetProperty("sequences").GetInt32() / point.GetProperty("stepSeconds").GetDouble(), null, Memory(point)?.Anonymous))],
            [.. threads.Select(count => Threads(model, count))]);
    }

    /// <summary>Evaluates a text by bytes.</summary>
    public EvaluationResult Evaluate(string model)
    {
        var (output, seconds) = Run("eval", model, "--text", Path.Combine(options.Root, "golden", "text", "held-64k.txt"), "--tokenizer", "bytes", "--context", "1024", "--max-windows", "2", "--threads", Text(options.Threads), "--json");
        using var json = JsonDocument.Parse(output);
        return new EvaluationResult(json.RootElement.GetProperty("tokens").GetInt64(), seconds);
    }

    private GrowthPoint Threads(string model, int count)
    {
        using var json = Bench(model, count, options.Repetitions);
        var measured = json.RootElement.GetProperty("measured");
        return new GrowthPoint(count, measured.GetProperty("decode").GetProperty("tokensPerSecond").GetDouble(), measured.GetProperty("prefill").GetProperty("tokensPerSecond").GetDouble(), null);
    }

    private JsonDocument Bench(string model, int threads, int repetitions, params string[] more) => JsonDocument.Parse(Run([
        "bench", model, "--threads", Text(threads), "--repeat", Text(repetitions), "--prompt", Text(options.Prompt), "--generate", Text(options.Generate), "--json", .. more]).Output);

    private static ProcessMemory? Memory(JsonElement row) => row.GetProperty("memory") is { ValueKind: JsonValueKind.Object } memory
        ? new ProcessMemory(memory.GetProperty("anonymous").GetInt64(), memory.GetProperty("file").GetInt64(), memory.GetProperty("peak").GetInt64())
        : null;

    private static double? Number(JsonElement row, string name) => row.GetProperty(name) is { ValueKind: JsonValueKind.Number } value ? value.GetDouble() : null;

    private static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);
}
