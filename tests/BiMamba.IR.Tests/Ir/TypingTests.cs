using BiMamba.Diagnostics;
using BiMamba.Tensors;
using static BiMamba.IR.Tests.Broken;

namespace BiMamba.IR.Tests;

/// <summary>Each op refuses shapes and encodings that it cannot compute, so that a verified module runs.</summary>
public sealed class TypingTests
{
    private const string Shape = "BIM2006";
    private const string Encoded = "BIM2008";
    private const string Operands = "BIM2004";

    private static readonly Dictionary<string, (string Id, string Message, Func<Module> Build)> Cases = new(StringComparer.Ordinal)
    {
        ["embedding ids"] = (Shape, "ids: expected i32[T], found f32[T,12]", () => Layer(At("s", op => op with { Code = OpCode.Embedding, Operands = [Operand.Value("ids", "r"), Operand.Resource("weight", "embedding.weight")], Attributes = op.Attributes.Add("group", new AttributeValue.Int(0)) }))),
        ["embedding rank"] = (Shape, "weight: expected two dimensions, found [24]", () => Shaped("embedding.weight", 24)),
        ["embedding integers"] = (Encoded, "weight: expected floating point, i8 or i4, found u8[11,12]", () => Integers("embedding.weight")),
        ["codes without a scale"] = (Operands, "integer codes have a scale and a group", () => Resource(Weights.Bytes("embedding.weight", Encoding.I8, new byte[132], 11, 12))),
        ["scale shape"] = (Shape, "scale: expected [11,2], found [11,3]", () => Resource(Coded(), new Resource("embedding.scale", MemoryTensor.Of(new float[33], Tensors.Shape.Of(11, 3))))),
        ["scale integers"] = (Encoded, "scale: expected bf16", () => Integers(Coded(), "embedding.scale")),
        ["norm integers"] = (Encoded, "weight: expected floating point, found u8[12]", () => Integers("norm.weight")),
        ["linear rank"] = (Shape, "latent: expected two dimensions, found [240]", () => Shaped("layers.0.out_proj.weight", 240)),
        ["linear integers"] = (Encoded, "weight: expected floating point", () => Integers(Mamba1Sample.Build(), "layers.0.in_proj.weight")),
        ["linear bias"] = (Shape, "bias: expected [12], found [11]", () => Shaped("layers.0.out_proj.bias", 11)),
        ["fbi scale by row"] = (Shape, "scale: a column pattern of [12,20] expects [1,20], found [12,1]", () => Shaped("layers.0.out_proj.scale", 12, 1)),
        ["fbi shift single"] = (Shape, "shift: a column pattern of [12,20] expects [1,20], found [1]", () => Shaped("layers.0.out_proj.shift", 1)),
        ["fbi row"] = (Shape, "a row pattern of [12,20] expects [12,1], found [1,20]", () => Layer(At("o", op => op.With(Attributes.Pattern, new AttributeValue.Word("row"))))),
        ["fbi single"] = (Shape, "a single pattern of [12,20] expects [1], found [1,20]", () => Layer(At("o", op => op.With(Attributes.Pattern, new AttributeValue.Word("single"))))),
        ["fbi scale integers"] = (Encoded, "scale: expected floating point, found u8[1,20]", () => Integers("layers.0.out_proj.scale")),
        ["sign encoding"] = (Encoded, "sign: expected trit or sign1, found u8[12,20]", () => Integers(Quant(), "layers.0.out_proj.sign")),
        ["sign rank"] = (Shape, "sign: expected two dimensions, found [240]", () => Resource(Quant(), new Resource("layers.0.out_proj.sign", Encoding.Trit, Tensors.Shape.Of(240), new MemoryTensor(new byte[240], ElementType.I8, Tensors.Shape.Of(240))))),
        ["column_shift"] = (Shape, "column_shift: expected [20], found [12]", () => Resource(Quant(), new Resource("layers.0.out_proj.column_shift", MemoryTensor.Vector(new float[12])))),
        ["zeros encoding"] = (Encoded, "zeros: expected u32 or mask1 beside a sign1 plane", () => WithZeros(Packed(), new Resource("layers.0.out_proj.zeros", MemoryTensor.Vector([1])))),
        ["zeros beside trits"] = (Encoded, "zeros: expected u32 or mask1 beside a sign1 plane", () => WithZeros(Quant(), Weights.Bytes("layers.0.out_proj.zeros", Encoding.U32, new byte[4], 1))),
        ["zeros rank"] = (Shape, "zeros: expected u32[count] or mask1[12,20], found u32[1,1]", () => WithZeros(Packed(), Weights.Bytes("layers.0.out_proj.zeros", Encoding.U32, new byte[4], 1, 1))),
        ["mask shape"] = (Shape, "found mask1[11,20]", () => WithZeros(Packed(), Weights.Bytes("layers.0.out_proj.zeros", Encoding.Mask1, new byte[64], 11, 20))),
        ["split sum"] = (Shape, "sizes: expected a sum of 32, found 33", () => Layer(At("u", op => Sized(op, 20, 6, 7)))),
        ["split empty part"] = (Shape, "sizes: every part is at least one column wide", () => Layer(At("u", op => Sized(op, 26, 6, 0)))),
        ["split overflow"] = (Shape, "sizes: expected a sum of 32", () => Layer(At("u", op => Sized(op, long.MaxValue, long.MaxValue, 34)))),
        ["conv shape"] = (Shape, "weight: expected [32,1,width], found [32,4]", () => Shaped("layers.0.conv.weight", 32, 4)),
        ["conv no taps"] = (Shape, "weight: expected [32,1,width], found [32,1,0]", () => Shaped("layers.0.conv.weight", 32, 1, 0)),
        ["conv bias"] = (Shape, "bias: expected [32], found [31]", () => Shaped("layers.0.conv.bias", 31)),
        ["scan heads"] = (Shape, "x: expected a multiple of 3 heads, found 20 columns", () => Layer(At("y", op => op.With(Attributes.Heads, new AttributeValue.Int(3))))),
        ["scan no heads"] = (Shape, "x: expected a multiple of 0 heads", () => Layer(At("y", op => op.With(Attributes.Heads, new AttributeValue.Int(0))))),
        ["scan dt"] = (Shape, "dt: expected 5 columns, one a head, found 4", () => Layer(At("y", op => op.With(Attributes.Heads, new AttributeValue.Int(5))))),
        ["scan groups"] = (Shape, "groups: expected a divisor of 4 heads, found 3", () => Layer(At("y", op => op.With(Attributes.Groups, new AttributeValue.Int(3))))),
        ["scan b"] = (Shape, "b, c: expected the same multiple of 4 groups, found 6 and 6 columns", () => Layer(At("y", op => op.With(Attributes.Groups, new AttributeValue.Int(4))))),
        ["scan a_log"] = (Shape, "a_log: expected [4], found [5]", () => Shaped("layers.0.a_log", 5)),
        ["scan d integers"] = (Encoded, "d: expected floating point, found u8[4]", () => Integers("layers.0.d")),
        ["selective a_log"] = (Shape, "a_log: expected [18,4], found [4,18]", () => Resource(Mamba1Sample.Build(), new Resource("layers.0.a_log", MemoryTensor.Of(new float[72], Tensors.Shape.Of(4, 18))))),
        ["selective d"] = (Shape, "d: expected [18], found [17]", () => Resource(Mamba1Sample.Build(), new Resource("layers.0.d", MemoryTensor.Vector(new float[17])))),
        ["selective z"] = (Shape, "z: expected 18 columns, found 4", () => Layer(Mamba1Sample.Build(), At("y", op => op.With("z", "b")))),
        ["selective b"] = (Shape, "b, c: expected the same width, found 2 and 4", () => Layer(Mamba1Sample.Build(), At("y", op => op.With("b", "low")))),
        ["gate width"] = (Shape, "z: expected 20 columns, found 32", () => Layer(At("g", op => op.With("z", "xbc")))),
        ["gate group"] = (Shape, "group_size: expected a divisor of 20, found 7", () => Layer(At("g", op => op.With(Attributes.NormGroupSize, new AttributeValue.Int(7))))),
        ["gate group zero"] = (Shape, "group_size: expected a divisor of 20, found 0", () => Layer(At("g", op => op.With(Attributes.NormGroupSize, new AttributeValue.Int(0))))),
        ["add"] = (Shape, "expected two values of one type, found f32[T,12] and f32[T,20]", () => Layer(At("s", op => op.With("b", "y")))),
        ["scale length"] = (Shape, "weight: expected [12], found [11]", () => Resource(new FusableSample().Build(), new Resource("layers.0.norm.scale", MemoryTensor.Vector(new float[11])))),
        ["scale of integers"] = (Encoded, "weight: expected floating point, found u8[12]", () => Integers(new FusableSample().Build(), "layers.0.norm.scale")),
        ["head columns"] = (Shape, "expected 7 columns, found 10", () => Resource(Mamba1Sample.Build(), new Resource("lm_head.weight", MemoryTensor.Of(new float[63], Tensors.Shape.Of(9, 7))))),
    };

    public static TheoryData<string> Names => [.. Cases.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_misfit_is_named(string name)
    {
        var (id, message, build) = Cases[name];
        var bag = new DiagnosticBag();
        Assert.False(Verifier.Verify(build(), "x", bag));
        Assert.Contains(bag.Items, item => item.Id == id && item.Message.Contains(message, StringComparison.Ordinal));
    }

    [Fact]
    public void A_builder_refuses_what_the_verifier_refuses()
    {
        var weights = new Weights(1);
        var block = weights.Block("b", "x", 3);
        weights.Norm("w", 4);
        Assert.Throws<InvalidOperationException>(() => block.Add("n", OpCode.RmsNorm, [("x", "x"), ("weight", "w")], (Attributes.Eps, new AttributeValue.Float(0))));
    }

    private static Module Coded() => Running.Apply(new Mamba2Sample().Build(), "quantize-embedding{bits=8, group=8}");

    private static Op Sized(Op op, params ReadOnlySpan<long> sizes) => op.With(Attributes.Sizes, new AttributeValue.Ints([.. sizes]));

    private static Module WithZeros(Module module, Resource zeros) =>
        Layer(Resource(module, zeros), At("o", op => op.Without("zeros").Adding("zeros", zeros.Name)));
}
