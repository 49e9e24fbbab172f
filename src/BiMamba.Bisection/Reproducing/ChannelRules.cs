using System.Collections.Immutable;
using BiMamba.IR;

namespace BiMamba.Bisection.Reproducing;

/// <summary>Says for every op which channels of its operands and results belong together; ops that mix channels keep all of them.</summary>
/// <param name="module">The module of the ops.</param>
/// <param name="types">Types of the values by name.</param>
internal sealed class ChannelRules(Module module, IReadOnlyDictionary<string, IR.ValueType> types)
{
    private readonly ChannelMap map = new();

    /// <summary>The channels of some ops.</summary>
    public ChannelMap Map(IEnumerable<Op> ops)
    {
        foreach (var op in ops)
            Add(op);
        return map;
    }

    private void Add(Op op)
    {
        switch (op.Code)
        {
            case OpCode.RmsNorm or OpCode.Scale or OpCode.Silu or OpCode.Add or OpCode.CausalConv1d:
                AddElementwise(op);
                break;
            case OpCode.GatedRmsNorm when op.Int(Attributes.NormGroupSize) == op.Result.Type.Width:
                AddElementwise(op);
                break;
            case OpCode.Linear or OpCode.LmHead:
                AddProduct(op, "weight");
                break;
            case OpCode.FbiLinear:
                AddProduct(op, "latent");
                break;
            case OpCode.SignLinear:
                AddProduct(op, "sign");
                break;
            case OpCode.Embedding:
                AddEmbedding(op);
                break;
            case OpCode.Split:
                AddSplit(op);
                break;
            case OpCode.SelectiveScan:
                AddSelectiveScan(op);
                break;
            case OpCode.SsdScan when op.Int(Attributes.Groups) == 1:
                AddSsdScan(op);
                break;
            default:
                PinAll(op);
                break;
        }
    }

    private int[] Nodes(string value) => map.Value(value, types[value].Width);

    private Resource? Weight(Op op, string role) => op.Find(role) is { } name ? module.Resources[name] : null;

    private IEnumerable<string> Inputs(Op op) => op.Operands.Where(operand => !operand.IsResource && types[operand.Name].IsFeatures).Select(operand => operand.Name);

    /// <summary>Feature i of the result is made of features i of the operands and index i of the weights' first axis.</summary>
    private void AddElementwise(Op op)
    {
        var nodes = Nodes(op.Result.Name);
        foreach (var input in Inputs(op))
            map.Tie(Nodes(input), nodes);
        foreach (var weight in op.Operands.Where(operand => operand.IsResource).Select(operand => module.Resources[operand.Name]).Where(weight => weight.Shape.Rank > 0 && weight.Shape[0] == nodes.Length))
            map.Axis(weight, 0, nodes);
    }

    /// <summary>A matrix product: rows go with the result, columns with the operand; codes with group scales keep their columns.</summary>
    private void AddProduct(Op op, string role)
    {
        var (x, y) = (Nodes(op.Get("x")), Nodes(op.Result.Name));
        var weight = Weight(op, role)!;
        map.Axis(weight, 0, y);
        map.Axis(weight, 1, x);
        if (HasGroups(op))
            map.Pin(x);
        foreach (var (name, axis, nodes) in ((string, int, int[])[])
        [
            ("bias", 0, y), ("row_scale", 0, y), ("row_shift", 0, y), ("column_scale", 0, x), ("column_shift", 0, x), ("zero_shift", 0, x),
            ("scale", 0, y), ("scale", 1, x), ("shift", 0, y), ("shift", 1, x),
        ])
        {
            if (Weight(op, name) is { } vector && vector.Shape.Rank > axis && vector.Shape[axis] == nodes.Length && vector.Shape[axis] > 1)
                map.Axis(vector, axis, nodes);
        }

        if (Weight(op, "zeros") is { Encoding: Encoding.Mask1 } zeros)
        {
            map.Axis(zeros, 0, y);
            map.Axis(zeros, 1, x);
        }
    }

    private void AddEmbedding(Op op)
    {
        var nodes = Nodes(op.Result.Name);
        map.Axis(Weight(op, "weight")!, 1, nodes);
        if (HasGroups(op))
            map.Pin(nodes);
    }

    private void AddSplit(Op op)
    {
        var whole = Nodes(op.Get("x"));
        var first = 0;
        foreach (var part in op.Results)
        {
            var nodes = Nodes(part.Name);
            map.Tie(nodes, whole[first..(first + nodes.Length)]);
            first += nodes.Length;
        }
    }

    /// <summary>The scan of Mamba-1 treats every channel by itself; its state size stays.</summary>
    private void AddSelectiveScan(Op op)
    {
        var nodes = Nodes(op.Result.Name);
        foreach (var role in (ImmutableArray<string>)["x", "dt", "z"])
            map.Tie(Nodes(op.Get(role)), nodes);
        map.Pin(Nodes(op.Get("b")));
        map.Pin(Nodes(op.Get("c")));
        foreach (var role in (ImmutableArray<string>)["a_log", "d", "dt_bias"])
        {
            if (Weight(op, role) is { } weight)
                map.Axis(weight, 0, nodes);
        }
    }

    /// <summary>The scan of Mamba-2 treats every head by itself; B and C, which they share, stay.</summary>
    private void AddSsdScan(Op op)
    {
        var (x, y, dt) = (Nodes(op.Get("x")), Nodes(op.Result.Name), Nodes(op.Get("dt")));
        map.Tie(x, y);
        map.Tie(x, [.. Enumerable.Range(0, x.Length).Select(i => dt[i / (x.Length / dt.Length)])]);
        map.Pin(Nodes(op.Get("b")));
        map.Pin(Nodes(op.Get("c")));
        foreach (var role in (ImmutableArray<string>)["a_log", "d", "dt_bias"])
        {
            if (Weight(op, role) is { } weight)
                map.Axis(weight, 0, weight.Shape[0] == dt.Length ? dt : x);
        }
    }

    private void PinAll(Op op)
    {
        foreach (var value in Inputs(op).Concat(op.Results.Select(result => result.Name)))
            map.Pin(Nodes(value));
    }

    private static bool HasGroups(Op op) => op.Info.Attributes.Any(attribute => attribute.Info == Attributes.ScaleGroup) && op.Int(Attributes.ScaleGroup) > 0;
}
