using System.Collections.Immutable;
using BiMamba.Diagnostics;
using BiMamba.Formats.Bimb;
using BiMamba.IR;
using BiMamba.Tensors;
using BiMamba.Testing;
using Attributes = BiMamba.IR.Attributes;
using Module = BiMamba.IR.Module;
using ValueType = BiMamba.IR.ValueType;

namespace BiMamba.Bimb.Tests;

/// <summary>A small packed module that has every kind of field of a file.</summary>
internal static class TinyModel
{
    /// <summary>Embedding, one sign_linear with zeros, head; attributes of every kind.</summary>
    internal static BimbContent Content()
    {
        Resource[] resources =
        [
            new("embed.weight", MemoryTensor.Of([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], Shape.Of(4, 3))),
            Bytes("proj.sign", Encoding.Sign1, [5, 3], Tile(5, 3)),
            Bytes("proj.zeros", Encoding.U32, [1], [7, 0, 0, 0]),
            new("proj.zero_shift", MemoryTensor.Vector([0.5f, -0.25f, 2])),
            Bytes("head.weight", Encoding.I4, [4, 5], [0x21, 0x43, 0x05, 0xF1, 0x9F, 0x01, 0x77, 0x99, 0x07, 0, 0, 0]),
            new("gate.weight", MemoryTensor.Vector([1, 2, 3, 4, 5])),
            new("head.scale", new MemoryTensor(new byte[] { 0x80, 0x3f, 0x00, 0x3f, 0x80, 0x3e, 0x00, 0x40 }, ElementType.BF16, Shape.Of(4, 1))),
        ];
        var map = Module.ResourceMap(resources);
        var embed = new BlockBuilder("embed", new Value("ids", new ValueType(ElementType.I32, ValueType.Tokens)), name => map[name]);
        var rows = embed.Add("x", OpCode.Embedding, [("ids", "ids"), ("weight", "embed.weight")]);
        var layer = new BlockBuilder("layers.0", new Value("r", ValueType.Features(3)), name => map[name]);
        layer.Add("n", OpCode.RmsNorm, [("x", "r"), ("weight", null)], (Attributes.Eps, new AttributeValue.Float(1e-5)));
        layer.Add("p", OpCode.SignLinear, [("x", "n"), ("sign", "proj.sign"), ("zeros", "proj.zeros"), ("zero_shift", "proj.zero_shift")]);
        layer.AddMany(["a", "b"], OpCode.Split, [("x", "p")], (Attributes.Sizes, new AttributeValue.Ints([2, 3])));
        layer.Add("q", OpCode.SignLinear, [("x", "b"), ("sign", "proj.sign")]);
        layer.Add("g", OpCode.GatedRmsNorm, [("x", "q"), ("z", "p"), ("weight", "gate.weight")],
            (Attributes.Eps, new AttributeValue.Float(1e-5)), (Attributes.NormGroupSize, new AttributeValue.Int(5)));
        var head = new BlockBuilder("head", new Value("h", ValueType.Features(5)), name => map[name]);
        head.Add("logits", OpCode.LmHead, [("x", "h"), ("weight", "head.weight"), ("scale", "head.scale")], (Attributes.ScaleGroup, new AttributeValue.Int(5)));
        var module = new Module(
            "tiny",
            Level.Packed,
            [
                new("d_model", new AttributeValue.Int(3)),
                new("tied", new AttributeValue.Bool(false)),
                new("dt_max", new AttributeValue.Float(double.PositiveInfinity)),
                new("arch", new AttributeValue.Word("mamba2")),
                new("kept", new AttributeValue.Ints([-1, 2])),
            ],
            map,
            [embed.Return(rows), layer.Return("g"), head.Return("logits")]);
        return new BimbContent(module, """{"pipeline":"fold-fbi{fidelity=latent} | pack{word=64}"}""", BimbTokenizer.Json("""{"é":1}"""u8.ToArray()));
    }

    /// <summary>Writes a content and gives its bytes.</summary>
    internal static byte[] Write(BimbContent content)
    {
        using var folder = new TemporaryFolder();
        var diagnostics = new DiagnosticBag();
        Assert.True(BimbWriter.Write(folder["tiny.bimb"], content, force: false, diagnostics), string.Join('\n', diagnostics.Items));
        Assert.Empty(diagnostics.Items);
        return File.ReadAllBytes(folder["tiny.bimb"]);
    }

    /// <summary>Opens bytes as a file, runs the explicit verification, and gives the diagnostics.</summary>
    internal static DiagnosticBag OpenAndVerify(byte[] bytes)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["x.bimb"], bytes);
        var diagnostics = new DiagnosticBag();
        using var file = BimbReader.Open(folder["x.bimb"], diagnostics);
        Assert.Equal(file is null, diagnostics.HasErrors);
        if (file is not null)
            BimbVerifier.VerifyHashes(file, diagnostics);
        return diagnostics;
    }

    private static Resource Bytes(string name, Encoding encoding, ReadOnlySpan<long> dims, byte[] bytes)
    {
        var shape = Shape.Of(dims);
        var data = encoding.Info().Element is { } element ? new MemoryTensor(bytes, element, shape) : new MemoryTensor(bytes, ElementType.U8, Shape.Of(bytes.Length));
        return new Resource(name, encoding, shape, data);
    }

    private static byte[] Tile(int rows, int columns)
    {
        var tile = new byte[64];
        for (var row = 0; row < rows; row++)
            tile[4 * row] = (byte)((row * 3 + 1) & ((1 << columns) - 1));
        return tile;
    }
}
