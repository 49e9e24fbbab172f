using System.Collections.Immutable;

namespace BiMamba.Tensors;

/// <summary>One row of the element type table.</summary>
/// <param name="Type">The type.</param>
/// <param name="Name">The name in IR text and reports.</param>
/// <param name="Size">Bytes of one element.</param>
/// <param name="IsFloat">True for the floating-point types.</param>
public sealed record ElementTypeInfo(ElementType Type, string Name, int Size, bool IsFloat);

/// <summary>The element type table.</summary>
public static class ElementTypes
{
    /// <summary>All rows, in the order of the enumeration.</summary>
    public static ImmutableArray<ElementTypeInfo> All { get; } =
    [
        new(ElementType.F32, "f32", 4, true),
        new(ElementType.F16, "f16", 2, true),
        new(ElementType.BF16, "bf16", 2, true),
        new(ElementType.F64, "f64", 8, true),
        new(ElementType.I8, "i8", 1, false),
        new(ElementType.I16, "i16", 2, false),
        new(ElementType.I32, "i32", 4, false),
        new(ElementType.I64, "i64", 8, false),
        new(ElementType.U8, "u8", 1, false),
        new(ElementType.U16, "u16", 2, false),
        new(ElementType.U32, "u32", 4, false),
        new(ElementType.U64, "u64", 8, false),
        new(ElementType.Bool, "bool", 1, false),
    ];

    /// <summary>The row of a type.</summary>
    public static ElementTypeInfo Info(this ElementType type) => All[(int)type];

    /// <summary>Bytes of one element.</summary>
    public static int Size(this ElementType type) => All[(int)type].Size;

    /// <summary>The name in IR text and reports.</summary>
    public static string Name(this ElementType type) => All[(int)type].Name;
}
