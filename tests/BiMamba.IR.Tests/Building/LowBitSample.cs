using System.Runtime.InteropServices;
using BiMamba.Tensors;

namespace BiMamba.IR.Tests;

/// <summary>A model whose linears are codes and planes of BiLLM, at odd shapes, with every role and exact zeros.</summary>
internal static class LowBitSample
{
    private const int Vocabulary = 9;
    private const int Width = 37;
    private const int Left = 19;
    private const int Right = 21;
    private const int Bits = 3;
    private const int Group = 16;
    private const int Block = 24;

    /// <summary>The module at level quant.</summary>
    public static Module Build()
    {
        var weights = new Weights(5);
        var embed = weights.Embed(weights.Random("embedding.weight", 1, Vocabulary, Width));
        var layer = weights.Block("layers.0", "r", Width);
        layer.Add("p", OpCode.CodeLinear,
            [("x", "r"), .. Codes(weights, "p", Left, Width), ("order", Order(weights, "p.order", Width)), ("bias", weights.Random("p.bias", 1, Left))],
            (Attributes.CodeBits, new AttributeValue.Int(Bits)), (Attributes.CodeGroup, new AttributeValue.Int(Group)));
        layer.Add("q", OpCode.BraqLinear, [("x", "r"), .. Braq(weights, "q", Right, Width), ("bias", weights.Random("q.bias", 1, Right))], (Attributes.BraqBlock, new AttributeValue.Int(Block)));
        layer.Add("s", OpCode.CodeLinear,
            [("x", "r"), ("codes", Raw(weights, "s.codes", Encoding.U8, Draw(weights, Width * Width, 2), Width, Width)), ("scale", weights.Random("s.scale", 1, 1, 1))],
            (Attributes.CodeBits, new AttributeValue.Int(1)), (Attributes.CodeGroup, new AttributeValue.Int(0)));
        layer.Add("both", OpCode.Concat, [("a", "p"), ("b", "q")]);
        layer.AddMany(["one", "rest"], OpCode.Split, [("x", "both")], (Attributes.Sizes, new AttributeValue.Ints([Width, Left + Right - Width])));
        layer.Add("sum", OpCode.Add, [("a", "one"), ("b", "s")]);
        var head = weights.Block("head", "h", Width);
        head.Add("logits", OpCode.LmHead, [("x", "h"), ("weight", weights.Random("lm_head.weight", 1, Vocabulary, Width))], (Attributes.ScaleGroup, new AttributeValue.Int(0)));
        return new Module("low-bit", Level.Quant, [], weights.Map, [embed, layer.Return("sum"), head.Return("logits")]);
    }

    private static (string, string?)[] Codes(Weights weights, string name, int rows, int columns)
    {
        var groups = (columns + Group - 1) / Group;
        return
        [
            ("codes", Raw(weights, name + ".codes", Encoding.U8, Draw(weights, rows * columns, 1 << Bits), rows, columns)),
            ("scale", weights.Random(name + ".scale", 0.5f, rows, groups)),
            ("zero", Raw(weights, name + ".zero", Encoding.U8, Draw(weights, rows * groups, 1 << Bits), rows, groups)),
        ];
    }

    private static (string, string?)[] Braq(Weights weights, string name, int rows, int columns)
    {
        var blocks = (columns + Block - 1) / Block;
        var salient = new uint[] { 0x0010_4101, 0x11 };
        bool IsSalient(int column) => (salient[column / 32] >> (column % 32) & 1) != 0;
        // Only second orders have zeros in the plane of regions.
        var regions = Draw(weights, rows * columns, 3).Select((trit, at) => IsSalient(at % columns) || trit != 1 ? trit : (byte)2);
        return
        [
            ("sign", Raw(weights, name + ".sign", Encoding.Trit, [.. Draw(weights, rows * columns, 3).Select(trit => (byte)(trit - 1))], rows, columns)),
            ("region", Raw(weights, name + ".region", Encoding.Trit, [.. regions.Select(trit => (byte)(trit - 1))], rows, columns)),
            ("salient", Raw(weights, name + ".salient", Encoding.U32, MemoryMarshal.AsBytes<uint>(salient).ToArray(), salient.Length)),
            ("scale", weights.Put(Weights.Halves(name + ".scale", weights.Numbers.Vector(rows * blocks * 4, 0.5f), rows, blocks, 4))),
            ("mean", weights.Put(Weights.Halves(name + ".mean", weights.Numbers.Vector(rows * blocks * 3, 0.2f), rows, blocks, 3))),
        ];
    }

    private static string Order(Weights weights, string name, int columns)
    {
        var order = Enumerable.Range(0, columns).ToArray();
        for (var i = columns - 1; i > 0; i--)
        {
            var j = weights.Numbers.Below(i + 1);
            (order[i], order[j]) = (order[j], order[i]);
        }

        return Raw(weights, name, Encoding.U32, MemoryMarshal.AsBytes<int>(order).ToArray(), columns);
    }

    private static byte[] Draw(Weights weights, int count, int below) => [.. Enumerable.Range(0, count).Select(_ => (byte)weights.Numbers.Below(below))];

    private static string Raw(Weights weights, string name, Encoding encoding, byte[] bytes, params ReadOnlySpan<long> dims) => weights.Put(Weights.Bytes(name, encoding, bytes, dims));
}
