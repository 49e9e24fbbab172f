using System.Collections.Immutable;
using System.Runtime.InteropServices;
using BiMamba.IR;
using BiMamba.Passes.Shared.Coding;
using BiMamba.Tensors;

namespace BiMamba.Passes.Shared.LowBit;

/// <summary>A weight in its low-bit form, unpacked.</summary>
public abstract class LoweredWeight
{
    /// <summary>The weight [rows, columns] that the low-bit form stands for, f32.</summary>
    public abstract float[] Dequantize();

    /// <summary>What bounds the scales, for messages.</summary>
    public virtual string Range => "its scales are fp32";

    /// <summary>The op in place of a dense linear.</summary>
    /// <param name="linear">The linear.</param>
    /// <param name="resources">Receives the resources, named by the linear's weight and the role.</param>
    public abstract Op Build(Op linear, ImmutableSortedDictionary<string, Resource>.Builder resources);

    /// <summary>An op with the input, the results and the bias of a linear, and the resources of its roles.</summary>
    protected static Op Build(
        Op linear, OpCode code, ImmutableDictionary<string, AttributeValue> attributes, IEnumerable<(string Role, Resource Resource)> roles,
        ImmutableSortedDictionary<string, Resource>.Builder resources)
    {
        var op = new Op(code, linear.Results, [Operand.Value("x", linear.Get("x"))], attributes);
        foreach (var (role, resource) in roles)
            op = op.With(Operand.Resource(role, ResourceNames.Add(resources, resource.Renamed($"{ResourceNames.Prefix(linear.Get("weight"))}.{role}"))));
        return linear.Find("bias") is { } bias ? op.With(Operand.Resource("bias", bias)) : op;
    }

    /// <summary>A resource that is named when the op is built.</summary>
    protected static Resource Plain<T>(T[] values, ElementType type, params ReadOnlySpan<long> dims)
        where T : unmanaged =>
        new("", new MemoryTensor(MemoryMarshal.AsBytes(values.AsSpan()).ToArray(), type, Shape.Of(dims)));

    /// <summary>A plane of trits that is named when the op is built.</summary>
    protected static Resource Trits(sbyte[] values, int rows, int columns) =>
        new("", Encoding.Trit, Shape.Of(rows, columns), new MemoryTensor(MemoryMarshal.AsBytes(values.AsSpan()).ToArray(), ElementType.I8, Shape.Of(rows, columns)));
}

/// <summary>Codes on grids: a <c>code_linear</c>.</summary>
/// <param name="weight">Codes, scales and zeros.</param>
/// <param name="sharedScale">The one scale of all rows and groups in place of those of the weight, or null.</param>
public sealed class LoweredCodes(CodedWeight weight, float? sharedScale = null) : LoweredWeight
{
    /// <inheritdoc/>
    public override float[] Dequantize() => weight.Dequantize();

    /// <inheritdoc/>
    public override Op Build(Op linear, ImmutableSortedDictionary<string, Resource>.Builder resources)
    {
        var (rows, groups) = (weight.Rows, weight.ScaleGroups);
        var roles = new List<(string, Resource)>
        {
            ("codes", Plain(weight.Codes, ElementType.U8, rows, weight.Columns)),
            ("scale", sharedScale is { } scale ? Plain([scale], ElementType.F32, 1, 1) : Plain(weight.Scale, ElementType.F32, rows, groups)),
        };
        if (weight.Zero.AsSpan().ContainsAnyExcept((byte)(1 << (weight.Bits - 1))))
            roles.Add(("zero", Plain(weight.Zero, ElementType.U8, rows, groups)));
        if (weight.Order is { } order)
            roles.Add(("order", Plain(order, ElementType.U32, order.Length)));
        var attributes = ImmutableDictionary<string, AttributeValue>.Empty
            .Add(Attributes.CodeBits.Name, new AttributeValue.Int(weight.Bits)).Add(Attributes.CodeGroup.Name, new AttributeValue.Int(weight.Group));
        return Build(linear, OpCode.CodeLinear, attributes, roles, resources);
    }
}

/// <summary>Signs with vectors: a <c>sign_linear</c>.</summary>
/// <param name="weight">Signs and vectors.</param>
public sealed class LoweredSigns(SignWeight weight) : LoweredWeight
{
    /// <inheritdoc/>
    public override float[] Dequantize() => weight.Dequantize();

    /// <inheritdoc/>
    public override Op Build(Op linear, ImmutableSortedDictionary<string, Resource>.Builder resources)
    {
        var roles = new List<(string, Resource)> { ("sign", Trits(weight.Sign, weight.Rows, weight.Columns)) };
        foreach (var (role, values) in ((string, float[]?)[])[("column_scale", weight.ColumnScale), ("column_shift", weight.ColumnShift), ("row_scale", weight.RowScale), ("row_shift", weight.RowShift)])
        {
            if (values is not null)
                roles.Add((role, Plain(values, ElementType.F32, values.Length)));
        }

        return Build(linear, OpCode.SignLinear, ImmutableDictionary<string, AttributeValue>.Empty, roles, resources);
    }
}

/// <summary>The planes of BiLLM: a <c>braq_linear</c>.</summary>
/// <param name="weight">Planes, scales and means; the latter are rounded to fp16, as they are stored.</param>
public sealed class LoweredBraq(BraqWeight weight) : LoweredWeight
{
    private const int WordBits = 32;
    private readonly BraqWeight weight = weight.WithHalfScales();

    /// <inheritdoc/>
    public override string Range => "its scales and means are fp16, at most 65504";

    /// <inheritdoc/>
    public override float[] Dequantize() => weight.Dequantize();

    /// <inheritdoc/>
    public override Op Build(Op linear, ImmutableSortedDictionary<string, Resource>.Builder resources)
    {
        var (rows, columns) = (weight.Rows, weight.Columns);
        var salient = new uint[(columns + WordBits - 1) / WordBits];
        for (var j = 0; j < columns; j++)
            salient[j / WordBits] |= (weight.Salient[j] ? 1u : 0u) << (j % WordBits);
        return Build(
            linear,
            OpCode.BraqLinear,
            ImmutableDictionary<string, AttributeValue>.Empty.Add(Attributes.BraqBlock.Name, new AttributeValue.Int(weight.Block)),
            [
                ("sign", Trits(weight.Sign, rows, columns)), ("region", Trits(Regions(), rows, columns)), ("salient", Plain(salient, ElementType.U32, salient.Length)),
                ("scale", Halves(weight.Scale, BraqWeight.ScaleCount)), ("mean", Halves(weight.Mean, BraqWeight.MeanCount)),
            ],
            resources);
    }

    /// <summary>Without a second order its sign says nothing, and a zero would cost an entry of a list: it is +1 of scale 0.</summary>
    private sbyte[] Regions() => weight.SalientOrders > 1
        ? weight.Region
        : [.. weight.Region.Select((region, at) => weight.Salient[at % weight.Columns] ? (sbyte)1 : region)];

    private Resource Halves(float[] values, int count) =>
        Plain(Array.ConvertAll(values, value => (Half)value), ElementType.F16, weight.Rows, weight.Blocks, count);
}
