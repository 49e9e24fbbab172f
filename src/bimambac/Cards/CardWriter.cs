using System.Globalization;
using BiMamba.Toolchain;
using BiMamba.Toolchain.Recipes;

namespace BiMamba.CommandLine.Cards;

/// <summary>
/// Writes a model card of a .bimb file and results of it. It says what stands in these inputs and nothing else; its bytes
/// are a pure function of them.
/// </summary>
internal sealed class CardWriter(CardModel model, IReadOnlyList<CardResult> results)
{
    /// <summary>Writes the card.</summary>
    public void Write(TextWriter writer)
    {
        new CardFrontMatter(model, results).Write(writer);
        writer.WriteLine();
        writer.WriteLine($"# {Text(model.Title)}");
        writer.WriteLine();
        WriteModel(writer);
        WriteFile(writer);
        WriteProvenance(writer);
        new CardResultTables(results).Write(writer);
        WriteUse(writer);
        WriteLimitations(writer);
    }

    private void WriteModel(TextWriter writer)
    {
        Head(writer, "Model");
        var table = new MarkdownTable("fact", "value");
        foreach (var (name, value) in model.Facts())
            table.Add(Text(name), Text(value));
        table.Add("tokenizer", model.Tokenizer is { } tokenizer ? $"{Text(tokenizer.Kind)}, {CardText.Number(tokenizer.VocabularySize)} ids, sha256 {tokenizer.Hash}" : "none");
        table.Write(writer);
    }

    private void WriteFile(TextWriter writer)
    {
        var ledger = model.Ledger;
        Head(writer, "File");
        writer.WriteLine($"The file {Text(model.File)} takes {SizeLedger.Show(ledger.FileBytes)}; sha256 {model.Sha256}.");
        writer.WriteLine();
        var bits = new MarkdownTable("counted", "bits a weight");
        if (ledger is { PlaneBits: { } planes, BinarizedBits: { } linears })
        {
            bits.Add("signs or codes alone", Bits(planes));
            bits.Add("the low-bit linears with all that is stored beside them", Bits(linears));
        }

        bits.Add("all tensors", Bits(ledger.TensorBits));
        bits.Add("the whole file", Bits(ledger.FileBits));
        bits.Write(writer);
        var rows = new MarkdownTable("kind", "bytes", "share", "weights", "tensors");
        foreach (var row in ledger.Rows)
            rows.Add(Text(row.Kind), CardText.Number(row.Bytes), string.Create(CultureInfo.InvariantCulture, $"{100.0 * row.Bytes / ledger.FileBytes:0.0} %"), CardText.Number(row.Weights), CardText.Number(row.Tensors));
        rows.Add("all", CardText.Number(ledger.FileBytes), "100.0 %", CardText.Number(ledger.Weights), CardText.Number(ledger.Rows.Sum(row => row.Tensors)));
        rows.Write(writer);
    }

    private void WriteProvenance(TextWriter writer)
    {
        var recipe = model.Recipe;
        Head(writer, "Provenance");
        var facts = new MarkdownTable("fact", "value");
        Add("written by", recipe.Tool);
        Add("pipeline", recipe.Pipeline);
        Add("import fidelity", recipe.Fidelity);
        Add("base model", recipe.BaseModel);
        if (recipe.Calibration is { } calibration)
            facts.Add("calibration", Describe(calibration));
        if (facts.IsEmpty)
            writer.WriteLine("The file does not say how it was made." + writer.NewLine);
        else
            facts.Write(writer);
        var sources = new MarkdownTable("source", "bytes", "sha256");
        foreach (var source in recipe.Sources)
            sources.Add(Text(source.Name), CardText.Number(source.Bytes), Text(source.Sha256));
        if (!sources.IsEmpty)
            sources.Write(writer);

        void Add(string name, string? value)
        {
            if (value is not null)
                facts.Add(name, Text(value));
        }
    }

    private void WriteUse(TextWriter writer)
    {
        Head(writer, "Use");
        var file = CardText.Shell(model.File);
        writer.WriteLine("```");
        writer.WriteLine($"bimambac verify {file}");
        writer.WriteLine($"bimambac generate {file} {(model.Tokenizer is null ? "--tokenizer tokenizer.json " : "")}--prompt TEXT --max-tokens 64");
        writer.WriteLine("```");
        writer.WriteLine();
    }

    private void WriteLimitations(TextWriter writer)
    {
        Head(writer, "Limitations");
        foreach (var limitation in new CardLimitations(model, results).All())
            writer.WriteLine($"- {limitation}");
    }

    private static void Head(TextWriter writer, string title)
    {
        writer.WriteLine($"## {title}");
        writer.WriteLine();
    }

    private static string Describe(CalibrationJson calibration) => string.Create(
        CultureInfo.InvariantCulture, $"{Text(calibration.Name)}, sha256 {Text(calibration.Sha256)}, {calibration.Samples} windows of {calibration.SequenceLength} tokens, seed {calibration.Seed}");

    private static string Bits(double value) => value.ToString("0.000", CultureInfo.InvariantCulture);

    private static string Text(string text) => CardText.Markdown(text);
}
