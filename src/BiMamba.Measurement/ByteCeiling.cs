using BiMamba.IR;

namespace BiMamba.Measurement;

/// <summary>Bytes of one kind that a token moves.</summary>
/// <param name="Part">What they are.</param>
/// <param name="Bytes">How many.</param>
public sealed record ByteShare(string Part, long Bytes);

/// <summary>
/// The bytes that decoding one token must move between memory and cores: every weight is read once at its stored size,
/// the state is read and written once. Read bandwidth over these bytes is the most tokens a second that a machine can
/// decode, unless its caches hold a part of them.
/// </summary>
/// <param name="Parts">The parts, each in one row; no part is empty.</param>
public sealed record ByteCeiling(IReadOnlyList<ByteShare> Parts)
{
    private static readonly string[] Order = ["linears", "norms, convolutions and scans", "head", "embedding row", "state read", "state written"];

    /// <summary>All bytes of a token.</summary>
    public long Total => Parts.Sum(part => part.Bytes);

    /// <summary>The bytes of a module.</summary>
    /// <param name="module">A module of any level.</param>
    /// <param name="stateBytes">Bytes of the state of one sequence.</param>
    public static ByteCeiling Of(Module module, long stateBytes)
    {
        var parts = Order.ToDictionary(part => part, _ => 0L, StringComparer.Ordinal);
        var head = Names(module, OpCode.LmHead).ToHashSet(StringComparer.Ordinal);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var op in module.Blocks.SelectMany(block => block.Body))
        {
            foreach (var name in op.Operands.Where(operand => operand.IsResource).Select(operand => operand.Name))
            {
                var resource = module.Resources[name];
                // The row of a tied embedding is among the rows that the head reads.
                if (op.Code == OpCode.Embedding)
                    parts["embedding row"] += head.Contains(name) ? 0 : resource.Data.ByteLength / Math.Max(1, resource.Shape[0]);
                else if (seen.Add(name))
                    parts[Part(op.Code)] += resource.Data.ByteLength;
            }
        }

        parts["state read"] = parts["state written"] = stateBytes;
        return new ByteCeiling([.. Order.Select(part => new ByteShare(part, parts[part])).Where(share => share.Bytes > 0)]);
    }

    /// <summary>Weights of the linears of a module, without the head: two floating-point operations each a token.</summary>
    public static long LinearWeights(Module module) =>
        module.Blocks.SelectMany(block => block.Body).Sum(op => WeightRole(op.Code) is { } role ? module.Resources[op.Get(role)].WeightCount : 0);

    private static string? WeightRole(OpCode code) => code switch
    {
        OpCode.Linear => "weight",
        OpCode.FbiLinear => "latent",
        OpCode.SignLinear or OpCode.BraqLinear => "sign",
        OpCode.CodeLinear => "codes",
        _ => null,
    };

    private static string Part(OpCode code) => code switch
    {
        OpCode.LmHead => "head",
        OpCode.Linear or OpCode.FbiLinear or OpCode.SignLinear or OpCode.CodeLinear or OpCode.BraqLinear => "linears",
        _ => "norms, convolutions and scans",
    };

    private static IEnumerable<string> Names(Module module, OpCode code) =>
        module.Blocks.SelectMany(block => block.Body).Where(op => op.Code == code)
            .SelectMany(op => op.Operands.Where(operand => operand.IsResource).Select(operand => operand.Name));
}
