using BiMamba.IR;
using BiMamba.Tensors;

namespace BiMamba.Export.Safetensors;

/// <summary>
/// A packed module as one safetensors file that any program reads without the tiles of <c>.bimb</c>: planes of bits row by
/// row, everything else as it is, and the module as IR text in the metadata. docs/EXPORT.md describes it.
/// </summary>
public static class PackedLayout
{
    /// <summary>The value of <c>format</c> in the metadata.</summary>
    public const string Format = "bimamba-packed";

    /// <summary>The value of <c>version</c> in the metadata.</summary>
    public const string Version = "1";

    /// <summary>The tensors: a resource under its name.</summary>
    public static IReadOnlyList<KeyValuePair<string, Tensor>> Tensors(Module module) =>
        [.. module.Resources.Values.Select(resource => KeyValuePair.Create(resource.Name, Of(resource)))];

    /// <summary>The metadata.</summary>
    /// <param name="module">The module.</param>
    /// <param name="tokenizer">The text of its tokenizer.json, the word bytes, or an empty text.</param>
    /// <param name="provenance">What the file says of its origin, JSON.</param>
    public static IReadOnlyDictionary<string, string> Metadata(Module module, string tokenizer, string provenance) => new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["format"] = Format,
        ["version"] = Version,
        ["module"] = IrPrinter.Print(module, withHashes: false),
        ["tokenizer"] = tokenizer,
        ["provenance"] = provenance,
    };

    private static Tensor Of(Resource resource) => resource.Encoding switch
    {
        Encoding.Sign1 or Encoding.Mask1 or Encoding.Bits1 => RowMajorPlane.Of(resource),
        Encoding.I4 => new ReshapedTensor(resource.Data, Shape.Of(resource.Shape[0], (resource.Shape[1] + 1) / 2)),
        _ => resource.Data,
    };
}
