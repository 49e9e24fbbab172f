using System.Collections.Immutable;

namespace BiMamba.Formats.Spec;

/// <summary>One built-in function.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Parameters">Names of its arguments.</param>
/// <param name="Doc">What it gives.</param>
public sealed record SpecFunction(string Name, ImmutableArray<string> Parameters, string Doc);

/// <summary>The built-in functions and names of expressions.</summary>
public static class SpecFunctions
{
    /// <summary>The functions.</summary>
    public static ImmutableArray<SpecFunction> All { get; } =
    [
        new("align", ["value", "step"], "the value rounded up to a multiple of the step"),
        new("ceil", ["value", "divisor"], "the quotient rounded up"),
        new("position", ["field"], "the offset of the field from the start of the file"),
        new("size_of", ["field"], "the bytes of the field"),
        new("length", ["field"], "the bytes of a text or of bytes without its prefix, or the elements of an array"),
        new("sha256", ["field"], "the SHA-256 of the bytes of the field"),
        new("bytes_of", ["encoding", "dims"], "the size of the word of the enum, where elements is the product of the dimensions, blocks the elements divided by the block, columns the last dimension, height the one before, matrices the product of those before that and rows the product of all but the last"),
        new("block_of", ["encoding"], "the block of the word of the enum, 1 where it has none"),
        new("starts_with", ["field", "text"], "true where the bytes of a text or of bytes begin with the text"),
        new("value_of", ["rows", "key", "default"], "the field value of the row whose field key is the text, or the default where there is none"),
    ];

    /// <summary>The names that stand for something at the place where they are used, and what it is.</summary>
    public static ImmutableArray<(string Name, string Doc)> Names { get; } =
    [
        ("here", "the offset of the field itself"),
        ("rest", "the bytes up to the end of the section or of the file"),
        ("total", "the bytes of the whole file"),
        ("first", "true in the first element of an array"),
        ("previous", "the element before"),
        ("item", "the element that `each` checks"),
    ];

    /// <summary>The names that the size of a word may use.</summary>
    public static ImmutableArray<string> SizeNames { get; } = ["elements", "blocks", "rows", "columns", "height", "matrices"];

    /// <summary>A function, or null.</summary>
    public static SpecFunction? Find(string name) => All.FirstOrDefault(function => function.Name == name);

    /// <summary>True for a built-in name.</summary>
    public static bool IsName(string name) => Names.Any(item => item.Name == name);
}
