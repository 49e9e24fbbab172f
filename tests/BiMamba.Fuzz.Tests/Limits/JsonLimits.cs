using System.Globalization;
using System.Text;
using BiMamba.CommandLine.Cards;
using BiMamba.CommandLine.Sensitivities;
using BiMamba.Comparison.Cells;
using BiMamba.Comparison.RunFiles;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Evaluation;
using BiMamba.Evaluation.Tasks;
using BiMamba.Frontend;
using BiMamba.Fuzz.Tests.Harness;
using BiMamba.Tensors;
using BiMamba.Tokenizers;
using BiMamba.Toolchain.Journal;

namespace BiMamba.Fuzz.Tests.Limits;

/// <summary>Limits of configurations, tokenizers, run files, results, questions and texts.</summary>
internal static class JsonLimits
{
    /// <summary>The rows.</summary>
    public static IReadOnlyList<LimitRow> All { get; } =
    [
        new("config-bytes", "bytes of config.json", "ConfigText.MaxBytes", "BIM1302", (input, bag) => Config(bag, new string(' ', (4 << 20) + 1))),
        new("config-depth", "values of config.json inside one another", "ConfigText.MaxDepth", "BIM1302", (input, bag) => Config(bag, "{\"a\":" + new string('[', 32) + new string(']', 32) + "}")),
        new("tokenizer-bytes", "bytes of tokenizer.json", "JsonText.MaxBytes", "BIM1401", (input, bag) => TokenizerJson.Load(TensorLimits.Sparse(input, "tokenizer.json", (256L << 20) + 1), bag)),
        new("tokenizer-values", "values of tokenizer.json", "JsonText.MaxTokens", "BIM1401", (input, bag) => TokenizerJson.Parse((byte[])[(byte)'[', .. TensorLimits.Repeat("1,"u8, 1 << 25), (byte)'1', (byte)']'], "x", bag)),
        new("tokenizer-depth", "values of tokenizer.json inside one another", "JsonText.MaxDepth", "BIM1402", (input, bag) => Tokenizer(bag, new string('[', 33) + new string(']', 33))),
        new("tokenizer-ids", "ids of a vocabulary", "Vocabulary.MaxIds", "BIM1407", (input, bag) => Tokenizer(bag, """{"model":{"type":"BPE","vocab":{"a":16777216},"merges":[]}}""")),
        new("tokenizer-added", "bytes of the content of an added token", "AddedTokensReader.MaxContent", "BIM1411", (input, bag) => Tokenizer(bag, Added(new string('x', 1025)))),
        new("tokenizer-added-total", "bytes of the content of all added tokens", "AddedTokensReader.MaxTotal", "BIM1411", (input, bag) => Tokenizer(bag, Added([.. Enumerable.Range(0, 4200).Select(i => new string('x', 1000) + i)]))),
        new("tokenizer-components", "normalizers, and decoders, of a tokenizer", "ComponentList.MaxComponents", "BIM1406", (input, bag) => Tokenizer(bag, Normalized("""{"type":"Sequence","normalizers":[""" + Join("""{"type":"NFC"}""", 33) + "]}"))),
        new("tokenizer-growth", "how many times longer replacements make a text", "GrowthLimit.MaxFactor", "BIM1406", (input, bag) => Tokenizer(bag, Normalized("""{"type":"Replace","pattern":{"String":"a"},"content":"aaaaa"}"""))),
        new("tokenizer-prefix", "bytes that a normalizer puts before a text", "GrowthLimit.MaxPrefix", "BIM1406", (input, bag) => Tokenizer(bag, Normalized("{\"type\":\"Prepend\",\"prepend\":\"" + new string('x', 65) + "\"}"))),
        new("tokenizer-template", "ids that a template adds to a text", "PostProcessorReader.MaxIds", "BIM1406", (input, bag) => Tokenizer(bag, Template(1025))),
        new("text-file", "bytes of a text or of token ids to evaluate", "CorpusReader.MaxBytes", "BIM5003", (input, bag) => CorpusReader.Read(TensorLimits.Sparse(input, "x.txt", (1L << 30) + 1), new BytesTokenizer(), 256, bag, TestContext.Current.CancellationToken)),
        new("numpy-header", "bytes of the header of a NumPy file", "TokenIdFile.MaxNumPyHeader", "BIM5003", (input, bag) => TokenIdFile.Parse("x.npy", [0x93, .. "NUMPY"u8, 2, 0, .. BitConverter.GetBytes(10_001), .. new byte[10_001]], 256, bag)),
        new("task-bytes", "bytes of a file of questions", "TaskDataReader.MaxBytes", "BIM5007", (input, bag) => TaskDataReader.Read(TaskTable.All[0], TensorLimits.Sparse(input, "x.jsonl", (256L << 20) + 1), null, bag)),
        new("task-line", "bytes of a question", "TaskDataReader.MaxLineBytes", "BIM5007", (input, bag) => TaskDataReader.Parse(TaskTable.All[0], "x.jsonl", new byte[(1 << 20) + 1], null, bag)),
        new("task-depth", "values of a question inside one another", "TaskDataReader.MaxDepth", "BIM5007", (input, bag) => TaskDataReader.Parse(TaskTable.All[0], "x.jsonl", Encoding.UTF8.GetBytes(new string('[', 17) + new string(']', 17)), null, bag)),
        new("task-choices", "choices of a question", "TaskRecord.MaxChoices", "BIM5007", (input, bag) => TaskDataReader.Parse(TaskTable.Find("hellaswag")!, "x.jsonl", Encoding.UTF8.GetBytes("""{"ind":1,"activity_label":"a","ctx_a":"a","ctx_b":"b","ctx":"c","label":"0","endings":[""" + Join("\"e\"", 33) + "]}"), null, bag)),
        new("run-bytes", "bytes of a run file", "RunFileReader.MaxBytes", "BIM7101", (input, bag) => RunFileReader.Read(TensorLimits.Sparse(input, "run.json", (1 << 20) + 1), bag)),
        new("run-rows", "models, and texts, of a run file", "RunFileReader.MaxRows", "BIM7101", (input, bag) => RunRows(input, bag)),
        new("cell-bytes", "bytes of the result of a cell", "CellStore.MaxBytes", "", (input, bag) => Cell(input, bag)),
        new("journal-bytes", "bytes of the key of a journal", "JournalFolder.MaxManifestBytes", "", (input, bag) => Journal(input)),
        new("result-bytes", "bytes of a result for a card", "CardResultReader.MaxBytes", "BIM7020", (input, bag) => CardResultReader.Read(TensorLimits.Sparse(input, "r.json", (64 << 20) + 1), null!, bag)),
        new("sensitivity-bytes", "bytes of what sensitivity wrote", "SensitivityFile.MaxBytes", "BIM7009", (input, bag) => SensitivityFile.Read(TensorLimits.Sparse(input, "s.json", (16 << 20) + 1), null!, bag)),
    ];

    private static void Config(DiagnosticBag bag, string text)
    {
        using var archive = new TensorArchive(new Dictionary<string, ArchiveEntry>(StringComparer.Ordinal), [], []);
        CheckpointImporter.Import(archive, text, "config.json", new ImportOptions(), bag);
    }

    private static void Tokenizer(DiagnosticBag bag, string json) => TokenizerJson.Parse(Encoding.UTF8.GetBytes(json), "tokenizer.json", bag);

    private static string Join(string item, int count) => string.Join(',', Enumerable.Repeat(item, count));

    private static string Normalized(string normalizer) => "{\"normalizer\":" + normalizer + ""","model":{"type":"BPE","vocab":{},"merges":[]}}""";

    private static string Added(params string[] contents) =>
        "{\"added_tokens\":[" + string.Join(',', contents.Select((content, i) => "{\"id\":" + i.ToString(CultureInfo.InvariantCulture) + ",\"content\":\"" + content + "\"}")) + """],"model":{"type":"BPE","vocab":{},"merges":[]}}""";

    private static string Template(int count) =>
        """
        {"added_tokens":[{"id":0,"content":"<s>"}],"post_processor":{"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"<s>","type_id":0}},{"Sequence":{"id":"A","type_id":0}}],
        "special_tokens":{"<s>":{"id":"<s>","ids":[
        """ + Join("0", count) + """],"tokens":["<s>"]}}},"model":{"type":"BPE","vocab":{},"merges":[]}}""";

    private static void RunRows(FuzzInput input, DiagnosticBag bag)
    {
        var models = string.Join(',', Enumerable.Range(0, 1001).Select(i => "{\"name\":\"" + i.ToString(CultureInfo.InvariantCulture) + "\",\"model\":\"m\"}"));
        input.Bytes = Encoding.UTF8.GetBytes("{\"models\":[" + models + "],\"corpora\":[{\"name\":\"t\",\"file\":\"t\"}]}");
        RunFileReader.Read(input.Write("run.json"), bag);
    }

    /// <summary>A cell that cannot be read is measured again, after a warning.</summary>
    private static void Cell(FuzzInput input, DiagnosticBag bag)
    {
        var key = new CellKey("tool", new ModelKey("tool", ["a 1"], null, null, null), null, new string('0', 64), "gptq", 8, null, "none", "fast", 2, false);
        var path = new CellStore(input.Folder).PathOf(key);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        TensorLimits.Sparse(input, Path.GetRelativePath(input.Folder, path), (1L << 28) + 1);
        Assert.Null(new CellStore(input.Folder).Read(key, bag));
        Assert.Equal(ComparisonDiagnostics.BadCell.Id, Assert.Single(bag.Items).Id);
    }

    /// <summary>A journal that cannot be read is begun again, after a warning of the command.</summary>
    private static void Journal(FuzzInput input)
    {
        TensorLimits.Sparse(input, "journal.json", (1 << 20) + 1);
        using var folder = new JournalFolder(input.Folder);
        Assert.Null(folder.Read(out var reason));
        Assert.NotEmpty(reason);
    }
}
