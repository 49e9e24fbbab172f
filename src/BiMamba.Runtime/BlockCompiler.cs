using System.Runtime.InteropServices;
using BiMamba.IR;
using BiMamba.Runtime.Memory;
using BiMamba.Runtime.Nodes;
using BiMamba.Runtime.Planes;
using BiMamba.Tensors;
using BiMamba.Weights;

namespace BiMamba.Runtime;

/// <summary>Makes the ops of one block ready to run: gives every value a slot of the arena, prepares small weights as fp32.</summary>
internal sealed class BlockCompiler
{
    private const int LineFloats = 16;
    private readonly Module module;
    private readonly int capacity;
    private readonly StateLayout layout;
    private readonly Dictionary<string, Slot> slots = new(StringComparer.Ordinal);
    private string name = "";
    private int arenaLength;

    /// <summary>A compiler for one block.</summary>
    /// <param name="module">The module.</param>
    /// <param name="capacity">Tokens of a chunk at most.</param>
    /// <param name="layout">Receives the states that nodes carry.</param>
    public BlockCompiler(Module module, int capacity, StateLayout layout)
    {
        this.module = module;
        this.capacity = capacity;
        this.layout = layout;
    }

    /// <summary>The block made ready.</summary>
    public CompiledBlock Compile(Block block)
    {
        name = block.Name;
        var takesIds = block.Parameter.Type.Element == ElementType.I32;
        var parameter = takesIds ? default : Define(block.Parameter.Name, block.Parameter.Type.Width);
        var nodes = new List<Node>();
        foreach (var op in block.Body)
        {
            if (op.Code == OpCode.Split)
                DefineParts(op);
            else if (op.Code == OpCode.Concat)
                nodes.AddRange(Concat(op));
            else
                nodes.AddRange([.. Gather(op, out var input), Compile(op, input)]);
        }

        var result = slots[block.Return];
        if (result.Stride != result.Width)
        {
            // A part of a split is scattered over its whole; logits are handed out in one piece.
            var whole = Temporary(result.Width);
            nodes.Add(new CopyNode(result, whole));
            result = whole;
        }

        var values = block.Body.SelectMany(op => op.Results).Prepend(block.Parameter).Select(value => value.Name).Where(slots.ContainsKey);
        return new CompiledBlock([.. nodes], takesIds, parameter, result, arenaLength, [.. values.Select(name => KeyValuePair.Create(name, slots[name]))]);
    }

    /// <summary>What an op reads as x, and the node that puts it in the order of the weight's positions where the op has one.</summary>
    private Node[] Gather(Op op, out Slot input)
    {
        input = op.Find("x") is { } name ? slots[name] : default;
        if (op.Code != OpCode.CodeLinear || op.Find("order") is not { } order)
            return [];
        var (source, target) = (input, Temporary(input.Width));
        input = target;
        return [new GatherNode(MemoryMarshal.Cast<byte, int>(module.Resources[order].Data.ToBytes()).ToArray(), source, target)];
    }

    private Node[] Concat(Op op)
    {
        var (a, b, whole) = (In(op, "a"), In(op, "b"), Result(op));
        return [new CopyNode(a, new Slot(whole.Offset, a.Width, whole.Stride)), new CopyNode(b, new Slot(whole.Offset + a.Width, b.Width, whole.Stride))];
    }

    private Node Compile(Op op, Slot x) => op.Code switch
    {
        OpCode.Embedding => new EmbeddingNode(LinearPanels.Of(op, module), Result(op)),
        OpCode.RmsNorm => new RmsNormNode(Vector(op, "weight"), Eps(op), In(op, "x"), Result(op)),
        OpCode.Linear or OpCode.FbiLinear or OpCode.BraqLinear or OpCode.LmHead => new RowProductNode(LinearPanels.Of(op, module), OptionalVector(op, "bias"), x, Result(op)),
        OpCode.SignLinear => new SignLinearNode(Plane(op), SignVectors(op), In(op, "x"), Result(op), Temporary),
        OpCode.CodeLinear => new CodeLinearNode(new CodeLinearPanels(op, module), OptionalVector(op, "bias"), x, Result(op)),
        OpCode.CausalConv1d => new CausalConvNode(Resource(op, "weight"), Vector(op, "bias"), op.Word(Attributes.Activation) == "silu", In(op, "x"), Result(op), layout),
        OpCode.SsdScan => new SsdScanNode(name, op, Vector(op, "a_log"), Vector(op, "d"), Vector(op, "dt_bias"), role => In(op, role), Result(op), layout),
        OpCode.SelectiveScan => new SelectiveScanNode(name, op, Resource(op, "a_log"), Vector(op, "d"), Vector(op, "dt_bias"), role => In(op, role), Result(op), layout),
        OpCode.GatedRmsNorm => new GatedRmsNormNode(
            Vector(op, "weight"), Eps(op), op.Int(Attributes.NormGroupSize), op.Bool(Attributes.NormBeforeGate), In(op, "x"), In(op, "z"), Result(op)),
        OpCode.Silu => new SiluNode(In(op, "x"), Result(op)),
        OpCode.Add => new AddNode(In(op, "a"), In(op, "b"), Result(op)),
        OpCode.Scale => new ScaleNode(Vector(op, "weight"), In(op, "x"), Result(op)),
        OpCode.Split or OpCode.Concat => throw new InvalidOperationException("only slots and copies"),
        _ => throw new InvalidOperationException($"unknown op {op.Code}"),
    };

    private SignPlane Plane(Op op)
    {
        var sign = Resource(op, "sign");
        return sign.Encoding == Encoding.Trit
            ? new TritPlane(sign.Data)
            : new PackedPlane(sign, op.Find("zeros") is { } zeros ? module.Resources[zeros] : null);
    }

    private SignLinearVectors SignVectors(Op op) => new()
    {
        ColumnScale = OptionalVector(op, "column_scale"),
        ColumnShift = OptionalVector(op, "column_shift"),
        RowScale = OptionalVector(op, "row_scale"),
        RowShift = OptionalVector(op, "row_shift"),
        MinusZeroShift = OptionalVector(op, "zero_shift")?.Select(value => -value).ToArray(),
        Bias = OptionalVector(op, "bias"),
    };

    private Slot Define(string name, long width)
    {
        var slot = Temporary(width);
        slots.Add(name, slot);
        return slot;
    }

    private Slot Temporary(long width)
    {
        var first = arenaLength;
        // Widths come from files. As the width fits 32 bits once the end does, no product below overflows.
        var end = first + (capacity * (Int128)width);
        arenaLength = Elements.Count((end + LineFloats - 1) / LineFloats * LineFloats, "activations of a block");
        return new Slot(first, (int)width, (int)width);
    }

    private void DefineParts(Op op)
    {
        var whole = In(op, "x");
        var column = 0;
        foreach (var part in op.Results)
        {
            var width = checked((int)part.Type.Width);
            slots.Add(part.Name, new Slot(whole.Offset + column, width, whole.Stride));
            column += width;
        }
    }

    private Slot In(Op op, string role) => slots[op.Get(role)];

    private Slot Result(Op op) => Define(op.Result.Name, op.Result.Type.Width);

    private Resource Resource(Op op, string role) => module.Resources[op.Get(role)];

    private float[] Vector(Op op, string role) => OptionalVector(op, role) ?? [];

    private float[]? OptionalVector(Op op, string role) => op.Find(role) is { } name ? FloatWeights.ReadAll(module.Resources[name].Data) : null;

    private static float Eps(Op op) => (float)op.Float(Attributes.Eps);
}
