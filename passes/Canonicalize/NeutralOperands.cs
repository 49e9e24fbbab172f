using System.Collections.Immutable;
using BiMamba.IR;
using BiMamba.Passes.Shared;
using BiMamba.Tensors;

namespace BiMamba.Passes.Canonicalize;

/// <summary>Vectors that multiply by one or add zero. A vector is read once, however many ops name it.</summary>
/// <param name="module">The module.</param>
/// <param name="counts">Receives what was removed.</param>
internal sealed class NeutralOperands(Module module, CanonicalCounts counts)
{
    /// <summary>Optional operands that are left out where all their elements have this value.</summary>
    private static readonly ImmutableArray<(OpCode Code, string Role, float Value)> Table =
    [
        (OpCode.RmsNorm, "weight", 1),
        (OpCode.SignLinear, "column_scale", 1), (OpCode.SignLinear, "row_scale", 1),
        (OpCode.SignLinear, "column_shift", 0), (OpCode.SignLinear, "row_shift", 0), (OpCode.SignLinear, "zero_shift", 0), (OpCode.SignLinear, "bias", 0),
        (OpCode.Linear, "bias", 0), (OpCode.FbiLinear, "bias", 0), (OpCode.LmHead, "bias", 0), (OpCode.CausalConv1d, "bias", 0),
        (OpCode.SsdScan, "dt_bias", 0), (OpCode.SelectiveScan, "dt_bias", 0),
    ];

    private readonly Dictionary<string, float?> constants = new(StringComparer.Ordinal);

    /// <summary>The block without them, and without scales of ones.</summary>
    public Block Remove(Block block)
    {
        while (block.Body.FirstOrDefault(op => op.Code == OpCode.Scale && Is(op, "weight", 1)) is { } scale)
        {
            block = block.With(block.Body.Where(op => !ReferenceEquals(op, scale))).Redirect(scale.Result.Name, scale.Get("x"));
            counts.Identities++;
        }

        var body = block.Body.Select(Remove).ToList();
        return body.SequenceEqual(block.Body) ? block : block.With(body);
    }

    private Op Remove(Op op)
    {
        foreach (var (code, role, value) in Table)
        {
            if (op.Code == code && Is(op, role, value))
                op = Without(op, role);
        }

        return op.Code == OpCode.SignLinear ? WithoutAbsentZeros(op) : op;
    }

    /// <summary>A plane of bits without a list of zeros has none, and an empty list names none; trits say so only themselves.</summary>
    private Op WithoutAbsentZeros(Op op)
    {
        if (op.Find("zeros") is { } zeros && module.Resources[zeros] is { Encoding: Encoding.U32, Shape.Count: 0 })
            op = Without(op, "zeros");
        var hasZeros = op.Find("zeros") is not null || module.Resources[op.Get("sign")].Encoding == Encoding.Trit;
        return hasZeros || op.Find("zero_shift") is null ? op : Without(op, "zero_shift");
    }

    private Op Without(Op op, string role)
    {
        counts.Operands++;
        return op.Without(role);
    }

    private bool Is(Op op, string role, float value) => op.Find(role) is { } name && Constant(name) == value;

    /// <summary>The value of all elements of a vector; null where they differ or nobody knows them.</summary>
    private float? Constant(string name)
    {
        if (constants.TryGetValue(name, out var known))
            return known;
        var resource = module.Resources[name];
        float? constant = resource.HasData && resource.Shape.Count > 0 ? Constant(resource.Data.ToSingles()) : null;
        constants.Add(name, constant);
        return constant;
    }

    private static float? Constant(ReadOnlySpan<float> values) => values.ContainsAnyExcept(values[0]) ? null : values[0];
}
