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

    /// <summary>Evaluates the trained model of the shared data, where that lies beside the repository.</summary>
    public IReadOnlyList<EvaluationResult> Evaluate()
    {
        const string Name = "small-bimamba";
        var shared = Path.Combine(options.Root, "..", "shared");
        var model = Path.Combine(shared, "models", Name);
        return Directory.Exists(model) && !options.IsQuick ? [.. ((string[])["f32", "bf16"]).Select(state => Evaluate(Name, model, Path.Combine(shared, "text", "held.txt"), state))] : [];
    }

    private EvaluationResult Evaluate(string name, string model, string text, string state)
    {
        var file = Path.Combine(options.Work, name + ".bimb");
        Run("convert", model, "--output", file, "--force");
        var (output, seconds) = Run("eval", file, "--text", text, "--context", "1024", "--state", state, "--threads", Text(options.Threads), "--json");
        File.Delete(file);
        using var json = JsonDocument.Parse(output);
        return new EvaluationResult(name, state, json.RootElement.GetProperty("tokens").GetInt64(), seconds, json.RootElement.GetProperty("perplexity").GetDouble());
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
