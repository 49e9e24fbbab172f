using System.Collections.Immutable;
using BiMamba.Formats.Gguf.Decoding;
using BiMamba.Tensors;

namespace BiMamba.Formats.Gguf;

/// <summary>One row of the table of element types that a file may hold: how many bytes they take, and how they are read where they are.</summary>
/// <param name="Name">The name as in <c>formats/gguf.spec</c>.</param>
/// <param name="Number">The number in the table of tensors.</param>
/// <param name="BlockElements">Elements of a block; a row is a whole number of blocks.</param>
/// <param name="BlockBytes">Bytes of a block.</param>
/// <param name="Plain">The type of elements that lie as they are, or null for blocks.</param>
/// <param name="Decode">What makes the elements of blocks, or null where elements lie as they are or are not decoded.</param>
/// <remarks>Source: ggml.h and ggml-common.h of llama.cpp.</remarks>
public sealed record GgmlLayout(string Name, uint Number, int BlockElements, int BlockBytes, ElementType? Plain = null, BlockDecoder? Decode = null)
{
    /// <summary>All rows, by number. The numbers that are missing belong to types that no file may hold any more.</summary>
    public static ImmutableArray<GgmlLayout> All { get; } =
    [
        new("f32", 0, 1, 4, ElementType.F32),
        new("f16", 1, 1, 2, ElementType.F16),
        new("q4_0", 2, 32, 18, null, BlockDecoders.Q4),
        new("q4_1", 3, 32, 20),
        new("q5_0", 6, 32, 22),
        new("q5_1", 7, 32, 24),
        new("q8_0", 8, 32, 34, null, BlockDecoders.Q8),
        new("q8_1", 9, 32, 36),
        new("q2_k", 10, 256, 84),
        new("q3_k", 11, 256, 110),
        new("q4_k", 12, 256, 144),
        new("q5_k", 13, 256, 176),
        new("q6_k", 14, 256, 210),
        new("q8_k", 15, 256, 292),
        new("iq2_xxs", 16, 256, 66),
        new("iq2_xs", 17, 256, 74),
        new("iq3_xxs", 18, 256, 98),
        new("iq1_s", 19, 256, 50),
        new("iq4_nl", 20, 32, 18),
        new("iq3_s", 21, 256, 110),
        new("iq2_s", 22, 256, 82),
        new("iq4_xs", 23, 256, 136),
        new("i8", 24, 1, 1, ElementType.I8),
        new("i16", 25, 1, 2, ElementType.I16),
        new("i32", 26, 1, 4, ElementType.I32),
        new("i64", 27, 1, 8, ElementType.I64),
        new("f64", 28, 1, 8, ElementType.F64),
        new("iq1_m", 29, 256, 56),
        new("bf16", 30, 1, 2, ElementType.BF16),
        new("tq1_0", 34, 256, 54, null, BlockDecoders.TQ1),
        new("tq2_0", 35, 256, 66, null, BlockDecoders.TQ2),
        new("mxfp4", 39, 32, 17),
        new("nvfp4", 40, 64, 36),
        new("q1_0", 41, 128, 18, null, BlockDecoders.Q1),
        new("q2_0", 42, 64, 18),
    ];

    /// <summary>True where elements can be read.</summary>
    public bool IsReadable => Plain is not null || Decode is not null;

    /// <summary>The row of a number, or null.</summary>
    public static GgmlLayout? Find(uint number) => All.FirstOrDefault(row => row.Number == number);
}
