using BiMamba.Comparison.Cells;
using BiMamba.Comparison.Results;
using BiMamba.Comparison.RunFiles;
using BiMamba.Diagnostics;
using BiMamba.Fuzz.Tests.Harness;
using BiMamba.Testing;

namespace BiMamba.Fuzz.Tests.Targets;

/// <summary>Run files of a comparison.</summary>
internal sealed class RunFileTarget() : JsonTarget(
    "run-file", [File.ReadAllText(Repository.Golden("compare", "tiny.json")), Full],
    "\"models\"", "\"corpora\"", "\"name\"", "\"model\"", "\"method\"", "\"calibration\"", "\"full\"", "\"engine\"", "\"fast\"", "\"klWindows\"", "\"training\"", "\"bat\"", "\"file\"", "\"join\"", "\"protocol\"", "\"gptq\"", "\"\\u0000\"", "\"a\\u0000b\"")
{
    private const string Full = """
        {"title":"t","reference":"a","engine":"reference","seed":1,"klWindows":2,"speed":false,"models":[{"name":"a","model":"x","training":"full","tokenizer":"bytes"},
        {"name":"b","model":"y","method":"gptq","calibration":{"file":"c.txt","samples":1,"length":2,"seed":3}}],"corpora":[{"name":"t","file":"t.txt","protocol":"gptq","context":8,"maxWindows":2,"join":"none"}]}
        """;

    /// <inheritdoc/>
    public override bool Accepts(FuzzInput input, DiagnosticBag diagnostics)
    {
        if (RunFileReader.Read(input.Write(), diagnostics) is not { } run)
            return false;
        Assert.NotEmpty(run.Cells);
        Assert.NotNull(run.ReferenceModel);
        return true;
    }
}

/// <summary>Results of cells, which a comparison keeps in its folder; a report is made of what is accepted.</summary>
internal sealed class CellTarget() : JsonTarget("cell", [Seed], "\"key\"", "\"windows\"", "\"positionSums\"", "\"divergence\"", "\"blocks\"", "\"NaN\"", "\"Infinity\"", "\"size\"")
{
    private static readonly CellKey Key = new("tool", new ModelKey("tool", ["a 1"], null, null, null), null, new string('0', 64), "gptq", 8, null, "none", "fast", 2, false);

    private const string Seed = """
        {"schemaVersion":1,"key":{"tool":"tool","model":{"tool":"tool","files":["a 1"],"tokenizer":null,"method":null,"calibration":null},"reference":null,"corpus":"0000000000000000000000000000000000000000000000000000000000000000",
        "protocol":"gptq","context":8,"maxWindows":null,"join":"none","engine":"fast","klWindows":2,"hasSpeed":false},"training":"full","size":{"weights":10,"fileBytes":20,"bitsPerLinearWeight":null,"bitsPerWeight":16},
        "speed":{"decodeTokensPerSecond":1.5,"anonymousBytes":null,"threads":2},"tokenizer":"bytes","tokenizerSha256":"00","tokensPerByte":1,"windows":[{"sum":1.5,"tokens":7,"positionSums":[0.5,1],"positionTokens":[1,6]},
        {"sum":2.5,"tokens":7,"positionSums":[1.5,1],"positionTokens":[1,6]}],"divergence":{"windows":2,"kl":0.1,"klStandardError":null,"topAgreement":0.9,"blocks":[{"block":"layers.0","relativeError":0.1}]},"refusal":null}
        """;

    /// <inheritdoc/>
    public override bool Accepts(FuzzInput input, DiagnosticBag diagnostics)
    {
        var store = new CellStore(input.Folder);
        var path = store.PathOf(Key);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, input.Bytes);
        var found = new DiagnosticBag();
        var result = store.Read(Key, found);
        if (!Accepted(result, found.Items.Count > 0 ? found.Items[0].Message : null, diagnostics))
            return false;
        var run = new RunFile([new RunModel("a", "a")], [new RunCorpus("t", "t.txt")]);
        Assert.NotNull(System.Text.Json.JsonSerializer.Serialize(BiMamba.Comparison.ReportBuilder.Build(run, [result!], "tool"), ReportJson.Default.ComparisonReport));
        return true;
    }
}

/// <summary>Runs <see cref="RunFileTarget"/>.</summary>
public sealed class RunFileTests : FuzzTests
{
    private protected override FuzzTarget Target { get; } = new RunFileTarget();
}

/// <summary>Runs <see cref="CellTarget"/>.</summary>
public sealed class CellTests : FuzzTests
{
    private protected override FuzzTarget Target { get; } = new CellTarget();
}
