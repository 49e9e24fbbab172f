using System.Text.Json;
using BiMamba.Comparison.RunFiles;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Evaluation;
using BiMamba.Testing;

namespace BiMamba.Comparison.Tests;

public sealed class RunFileTests : IDisposable
{
    private const string Corpora = "\"corpora\": [{\"name\": \"t\", \"file\": \"t.txt\"}]";

    private readonly TemporaryFolder folder = new();
    private readonly DiagnosticBag bag = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Everything_has_its_default_and_paths_begin_at_the_file()
    {
        var run = Read("""{ "models": [{"name": "a", "model": "m/x"}, {"name": "b", "model": "/y", "tokenizer": "bytes", "method": "gptq", "calibration": {"file": "c.txt"}}], """ + Corpora + ", }")!;
        Assert.Equal("a", run.ReferenceModel.Name);
        Assert.Equal(folder["m/x"], run.Models[0].Model);
        Assert.Equal("/y", run.Models[1].Model);
        Assert.Equal("bytes", run.Models[1].Tokenizer);
        Assert.Equal(new RunCalibration(folder["c.txt"]) { Samples = 128, Length = 2048, Seed = 0 }, run.Models[1].Calibration);
        Assert.Equal(new RunCorpus("t", folder["t.txt"]) { Protocol = "gptq", Join = "none" }, run.Corpora[0]);
        Assert.Equal(("fast", 16, 0, true), (run.Engine, run.KlWindows, run.Seed, run.Speed));
    }

    [Fact]
    public void Cells_are_every_model_on_every_text()
    {
        var run = Read("""{ "models": [{"name": "a", "model": "x"}, {"name": "b", "model": "y"}], "corpora": [{"name": "t", "file": "t"}, {"name": "u", "file": "u"}], "reference": "b" }""")!;
        Assert.Equal("b", run.ReferenceModel.Name);
        Assert.Equal(["a t", "b t", "a u", "b u"], run.Cells.Select(cell => $"{cell.Model.Name} {cell.Corpus.Name}"));
    }

    [Theory]
    [InlineData("{", "")]
    [InlineData("[]", "")]
    [InlineData("null", "")]
    [InlineData("{ \"models\": [] }", "corpora")]
    [InlineData("{ \"models\": [], " + Corpora + " }", "1 to 1000 models")]
    [InlineData("{ \"models\": [null], " + Corpora + " }", "found null")]
    [InlineData("{ \"models\": [{\"name\": \"a\", \"model\": \"x\\u0000\"}], " + Corpora + " }", "NUL")]
    [InlineData("{ \"models\": [{\"name\": \"a\", \"model\": \"x\"}], \"corpora\": [{\"name\": \"t\", \"file\": \"\\u0000\"}] }", "t.file: ")]
    [InlineData("{ \"models\": [{\"name\": \"a\"}], " + Corpora + " }", "model")]
    [InlineData("{ \"models\": [{\"name\": \"a\", \"model\": null}], " + Corpora + " }", "model")]
    [InlineData("{ \"models\": [{\"name\": \"a\", \"model\": \"x\", \"bits\": 3}], " + Corpora + " }", "bits")]
    [InlineData("{ \"models\": [{\"name\": \"a\", \"model\": \"x\"}, {\"name\": \"a\", \"model\": \"y\"}], " + Corpora + " }", "found 'a'")]
    [InlineData("{ \"models\": [{\"name\": \" \", \"model\": \"x\"}], " + Corpora + " }", "found ' '")]
    [InlineData("{ \"models\": [{\"name\": \"a\", \"model\": \"\"}], " + Corpora + " }", "a.model")]
    [InlineData("{ \"models\": [{\"name\": \"a\", \"model\": \"x\", \"training\": \"some\"}], " + Corpora + " }", "a.training")]
    [InlineData("{ \"models\": [{\"name\": \"a\", \"model\": \"x\", \"calibration\": {\"file\": \"c\"}}], " + Corpora + " }", "a.calibration")]
    [InlineData("{ \"models\": [{\"name\": \"a\", \"model\": \"x\", \"method\": \"gptq\", \"calibration\": {\"file\": \"c\", \"samples\": 0}}], " + Corpora + " }", "a.calibration")]
    [InlineData("{ \"reference\": \"b\", \"models\": [{\"name\": \"a\", \"model\": \"x\"}], " + Corpora + " }", "found 'b'")]
    [InlineData("{ \"engine\": \"slow\", \"models\": [{\"name\": \"a\", \"model\": \"x\"}], " + Corpora + " }", "engine")]
    [InlineData("{ \"klWindows\": 0, \"models\": [{\"name\": \"a\", \"model\": \"x\"}], " + Corpora + " }", "klWindows")]
    [InlineData("{ \"models\": [{\"name\": \"a\", \"model\": \"x\"}], \"corpora\": [{\"name\": \"t\", \"file\": \"t\", \"protocol\": \"llamacpp-kl\"}] }", "t.protocol")]
    [InlineData("{ \"models\": [{\"name\": \"a\", \"model\": \"x\"}], \"corpora\": [{\"name\": \"t\", \"file\": \"t\", \"context\": 1}] }", "context")]
    [InlineData("{ \"models\": [{\"name\": \"a\", \"model\": \"x\"}], \"corpora\": [{\"name\": \"t\", \"file\": \"t\", \"join\": \"x\"}] }", "t.join")]
    [InlineData("{ \"title\": \"a\", \"title\": \"b\", \"models\": [{\"name\": \"a\", \"model\": \"x\"}], " + Corpora + " }", "title")]
    public void What_is_wrong_is_said(string text, string part)
    {
        Assert.Null(Read(text));
        var error = Assert.Single(bag.Items);
        Assert.Same(ComparisonDiagnostics.RunFile, error.Descriptor);
        Assert.Contains(part, error.Message, StringComparison.Ordinal);
        Assert.Equal(folder["run.json"], error.Place.File);
    }

    [Fact]
    public void The_schema_names_what_is_read()
    {
        using var schema = JsonDocument.Parse(RunSchema.Text);
        Check(schema.RootElement, typeof(RunFile));
        Check(Items("models"), typeof(RunModel));
        Check(Items("corpora"), typeof(RunCorpus));
        Check(Items("models").GetProperty("properties").GetProperty("calibration"), typeof(RunCalibration));
        Assert.Equal(JoinRule.All.Select(rule => rule.Name), Words("join"));
        Assert.Equal(Protocol.All.Where(row => !row.NeedsReference).Select(row => row.Name), Words("protocol"));

        JsonElement Items(string name) => schema.RootElement.GetProperty("properties").GetProperty(name).GetProperty("items");

        IEnumerable<string?> Words(string name) => Items("corpora").GetProperty("properties").GetProperty(name).GetProperty("enum").EnumerateArray().Select(word => word.GetString());

        static void Check(JsonElement part, Type type)
        {
            string[] computed = [nameof(RunFile.ReferenceModel), nameof(RunFile.Cells)];
            var names = type.GetProperties().Where(property => property.Name != "EqualityContract" && !computed.Contains(property.Name)).Select(property => JsonNamingPolicy.CamelCase.ConvertName(property.Name));
            Assert.Equal(names.Order(StringComparer.Ordinal), part.GetProperty("properties").EnumerateObject().Select(property => property.Name).Order(StringComparer.Ordinal));
        }
    }

    [Fact]
    public void The_example_is_one() => Assert.Equal(6, RunFileReader.Read(Repository.Golden("compare", "tiny.json"), bag)!.Cells.Count);

    private RunFile? Read(string text)
    {
        File.WriteAllText(folder["run.json"], text);
        return RunFileReader.Read(folder["run.json"], bag);
    }
}
