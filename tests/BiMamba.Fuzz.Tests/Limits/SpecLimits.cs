using BiMamba.Diagnostics;
using BiMamba.Formats.Spec;
using BiMamba.Fuzz.Tests.Harness;
using BiMamba.Fuzz.Tests.Mutation;

namespace BiMamba.Fuzz.Tests.Limits;

/// <summary>Limits of <c>.bimb</c> and GGUF files, which their specs hold, and of every file that is read by a spec.</summary>
internal static class SpecLimits
{
    /// <summary>The rows.</summary>
    public static IReadOnlyList<LimitRow> All { get; } =
    [
        new("spec-values", "values of a file that is read by its spec", "SpecReader.MaxValues", "BIM4018", (input, bag) => Gguf(bag, [.. Text("k"), .. Int(9), .. Int(0), .. Long(5_000_000), .. new byte[5_000_000]])),
        new("bimb-module", "bytes of the module", "bimb.spec.max_module", "BIM4006", (input, bag) => Bimb(bag, "head.module.size", 4194305)),
        new("bimb-recipe", "bytes of the recipe", "bimb.spec.max_recipe", "BIM4006", (input, bag) => Bimb(bag, "head.recipe.size", 16777217)),
        new("bimb-tokenizer", "bytes of the tokenizer", "bimb.spec.max_tokenizer", "BIM4006", (input, bag) => Bimb(bag, "head.tokenizer.size", 268435457)),
        new("bimb-table", "bytes of the tensor table", "bimb.spec.max_table", "BIM4006", (input, bag) => Bimb(bag, "head.table.size", 33554433)),
        new("bimb-tensors", "tensors", "bimb.spec.max_tensors", "BIM4006", (input, bag) => Bimb(bag, "table.count", 65537)),
        new("bimb-rank", "dimensions of a tensor or a value", "bimb.spec.max_rank", "BIM4006", (input, bag) => Bimb(bag, "table.tensors[0].rank", 5)),
        new("bimb-dimension", "the largest dimension", "bimb.spec.max_dim", "BIM4006", (input, bag) => Bimb(bag, "table.tensors[0].dims[0]", (1UL << 40) + 1)),
        new("gguf-key", "bytes of a key", "gguf.spec.max_key", "BIM4006", (input, bag) => Gguf(bag, [.. Text(new string('k', 65536)), .. Int(0), 7])),
    ];

    private static void Bimb(DiagnosticBag bag, string path, ulong value)
    {
        var seed = new SpecSeed(FormatTable.Bimb.Spec, SpecSeed.Golden("bimb"));
        SpecReader.Read(FormatTable.Bimb.Spec, SpecSource.Of("x.bimb", seed.With(path, value)), bag);
    }

    private static void Gguf(DiagnosticBag bag, byte[] pair) =>
        SpecReader.Read(FormatTable.Gguf.Spec, SpecSource.Of("x.gguf", (byte[])[.. "GGUF"u8, .. Int(3), .. Long(0), .. Long(1), .. pair]), bag);

    private static byte[] Text(string text) => [.. Long(text.Length), .. System.Text.Encoding.UTF8.GetBytes(text)];

    private static byte[] Int(int value) => BitConverter.GetBytes(value);

    private static byte[] Long(long value) => BitConverter.GetBytes(value);
}
