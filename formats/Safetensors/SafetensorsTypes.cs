using System.Collections.Frozen;
using BiMamba.Tensors;

namespace BiMamba.Formats.Safetensors;

/// <summary>The element types of the format and what they are here.</summary>
internal static class SafetensorsTypes
{
    private static readonly FrozenDictionary<string, ElementType> Readable = new Dictionary<string, ElementType>(StringComparer.Ordinal)
    {
        ["BOOL"] = ElementType.Bool,
        ["U8"] = ElementType.U8,
        ["I8"] = ElementType.I8,
        ["I16"] = ElementType.I16,
        ["U16"] = ElementType.U16,
        ["F16"] = ElementType.F16,
        ["BF16"] = ElementType.BF16,
        ["I32"] = ElementType.I32,
        ["U32"] = ElementType.U32,
        ["F32"] = ElementType.F32,
        ["I64"] = ElementType.I64,
        ["U64"] = ElementType.U64,
        ["F64"] = ElementType.F64,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private static readonly FrozenDictionary<ElementType, string> Names =
        Readable.ToFrozenDictionary(pair => pair.Value, pair => pair.Key);

    /// <summary>Types that the format defines and that no model here is stored in.</summary>
    private static readonly FrozenSet<string> Known =
        new[] { "F4", "F6_E2M3", "F6_E3M2", "F8_E4M3", "F8_E5M2", "F8_E8M0", "F8_E4M3FNUZ", "F8_E5M2FNUZ", "C64" }.ToFrozenSet(StringComparer.Ordinal);

    /// <summary>The names of the readable types, as a message lists them.</summary>
    public static string ReadableNames { get; } = string.Join(' ', Readable.Keys.Order(StringComparer.Ordinal));

    /// <summary>The type of a name in a header.</summary>
    public static bool TryGet(string name, out ElementType type) => Readable.TryGetValue(name, out type);

    /// <summary>True for a type of the format that is not readable here.</summary>
    public static bool IsKnown(string name) => Known.Contains(name);

    /// <summary>The name of a type in a header.</summary>
    public static string NameOf(ElementType type) => Names[type];
}
