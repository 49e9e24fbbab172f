using BiMamba.IR;
using BiMamba.Tokenizers;
using BiMamba.Toolchain;

namespace BiMamba.CommandLine.Cards;

/// <summary>What a card says of the file itself.</summary>
/// <param name="File">Its name, without its folder.</param>
/// <param name="Sha256">Of its bytes.</param>
/// <param name="Module">The module.</param>
/// <param name="Tokenizer">Its tokenizer, or null.</param>
/// <param name="Ledger">Where its bytes go.</param>
/// <param name="Recipe">How it was made.</param>
internal sealed record CardModel(string File, string Sha256, Module Module, Tokenizer? Tokenizer, SizeLedger Ledger, CardRecipe Recipe)
{
    /// <summary>The card's name: that of the file without its extension.</summary>
    public string Title => Path.GetFileNameWithoutExtension(File) is { Length: > 0 } title ? title : File;

    /// <summary>The facts of the architecture in the order of the model, each with its name; what a module does not say is left out.</summary>
    public IEnumerable<(string Name, string Value)> Facts()
    {
        foreach (var (key, value) in Module.Attributes)
            yield return (key, value is AttributeValue.Word word ? word.Value : value.ToString()!);
        yield return ("level", Module.Level.Name());
        foreach (var fact in Scan())
            yield return fact;
        if (Weight(OpCode.Embedding) is { } embedding && Weight(OpCode.LmHead) is { } head)
            yield return ("head", embedding == head ? "tied to the embedding" : "of its own");
        foreach (var kind in Ops.Where(IsLinear).GroupBy(op => op.Info.Name, StringComparer.Ordinal).OrderBy(group => group.Key, StringComparer.Ordinal))
            yield return (kind.Key, $"{CardText.Number(kind.Count())} projections");
    }

    /// <summary>Tags, each stated by the module.</summary>
    public IEnumerable<string> Tags()
    {
        var architecture = Module.FindWord("arch");
        yield return "ssm";
        yield return "bimb";
        if (architecture is "bimamba2" or "mamba2")
            yield return "mamba2";
        else if (architecture is "mamba" or "falcon_mamba")
            yield return "mamba";
        if (architecture == "bimamba2")
            yield return "bi-mamba";
        if (HasKind("sign planes") && !HasKind("code planes") && !HasKind("region planes") && !HasKind("linear weights"))
            yield return Ops.Any(IsTernary) ? "ternary" : "1-bit";
        if (HasKind("sign planes") || HasKind("code planes"))
            yield return "quantized";
    }

    private IEnumerable<Op> Ops => Module.Blocks.SelectMany(block => block.Body);

    /// <summary>The widths of the first scan; all layers of a checkpoint have the same.</summary>
    private IEnumerable<(string Name, string Value)> Scan()
    {
        foreach (var block in Module.Blocks)
        {
            if (block.Body.FirstOrDefault(op => op.Code is OpCode.SsdScan or OpCode.SelectiveScan) is not { } scan)
                continue;
            var (inner, group) = (Width(block, scan, "x"), Width(block, scan, "b"));
            yield return ("d_inner", CardText.Number(inner));
            if (scan.Code == OpCode.SsdScan)
            {
                var (heads, groups) = (scan.Int(IR.Attributes.Heads), scan.Int(IR.Attributes.Groups));
                yield return ("heads", $"{CardText.Number(heads)} of {CardText.Number(inner / heads)}");
                yield return ("groups", CardText.Number(groups));
                group /= groups;
            }

            yield return ("state size", CardText.Number(group));
            yield break;
        }
    }

    /// <summary>The rows of the embedding or of the head.</summary>
    private string? Weight(OpCode code) => Ops.FirstOrDefault(op => op.Code == code)?.Get("weight");

    private bool HasKind(string kind) => Ledger.Rows.Any(row => row.Kind == kind);

    private static long Width(Block block, Op op, string role) => block.Find(op.Get(role))!.Type.Width;

    private static bool IsLinear(Op op) => op.Code is OpCode.Linear or OpCode.FbiLinear or OpCode.SignLinear or OpCode.CodeLinear or OpCode.BraqLinear;

    /// <summary>True where zeros are as many as to need a bit each: a list of them is what signs of a 1-bit model leave.</summary>
    private bool IsTernary(Op op) => op.Code == OpCode.SignLinear && op.Find("zeros") is { } zeros && Module.Resources[zeros].Encoding == Encoding.Mask1;
}
