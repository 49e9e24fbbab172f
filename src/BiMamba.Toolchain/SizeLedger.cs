using System.Globalization;
using BiMamba.IR;

namespace BiMamba.Toolchain;

/// <summary>Bytes of one kind of tensor.</summary>
/// <param name="Kind">What the tensors are.</param>
/// <param name="Tensors">How many.</param>
/// <param name="Weights">Weights of the model that they hold; 0 for what only accompanies weights.</param>
/// <param name="Bytes">Their bytes.</param>
public sealed record LedgerRow(string Kind, int Tensors, long Weights, long Bytes);

/// <summary>
/// Where the bytes of a file go. Every byte is in one row; bits a weight are counted in three ways, each named.
/// </summary>
public sealed record SizeLedger(IReadOnlyList<LedgerRow> Rows, long FileBytes)
{
    private static readonly string[] LowBit = ["sign planes", "code planes", "region planes", "salient bitmaps", "zero lists", "zero points", "column orders", "scales and shifts"];

    private static readonly string[] Vectors = ["column_scale", "column_shift", "row_scale", "row_shift", "zero_shift", "bias", "scale", "shift"];

    /// <summary>Weights of the model: those of its linears, embedding, head and small tensors.</summary>
    public long Weights => Rows.Sum(row => row.Weights);

    /// <summary>Bits of the low-bit linears a weight of theirs: planes and everything beside them.</summary>
    public double? BinarizedBits => Planes is > 0 and var weights
        ? 8.0 * LowBit.Sum(kind => Of(kind).Bytes) / weights
        : null;

    /// <summary>Bits of signs or codes alone a low-bit weight, as papers count: no scales, regions, zeros or orders.</summary>
    public double? PlaneBits => Planes is > 0 and var weights ? 8.0 * (Of("sign planes").Bytes + Of("code planes").Bytes) / weights : null;

    /// <summary>Weights of the low-bit linears.</summary>
    private long Planes => Of("sign planes").Weights + Of("code planes").Weights;

    /// <summary>Bits of all tensors a weight.</summary>
    public double TensorBits => 8.0 * Rows.Where(row => row.Kind != "header and padding").Sum(row => row.Bytes) / Weights;

    /// <summary>Bits of the file a weight.</summary>
    public double FileBits => 8.0 * FileBytes / Weights;

    /// <summary>The ledger of a module and the file that holds it.</summary>
    /// <param name="module">The module.</param>
    /// <param name="fileBytes">Bytes of the file.</param>
    /// <param name="isWritten">True where the file was written from the module, so that what is decoded on the way stands in it as decoded.</param>
    public static SizeLedger Of(Module module, long fileBytes, bool isWritten = false)
    {
        var kinds = module.Blocks.SelectMany(block => block.Body)
            .SelectMany(op => op.Operands.Where(operand => operand.IsResource).Select(operand => (operand.Name, Kind: Kind(op, operand.Role))))
            .GroupBy(pair => pair.Name, StringComparer.Ordinal)
            .ToDictionary(group => group.Key, group => group.First().Kind, StringComparer.Ordinal);
        var rows = module.Resources.Values
            .GroupBy(resource => kinds[resource.Name], StringComparer.Ordinal)
            .Select(group => new LedgerRow(group.Key, group.Count(), IsWeight(group.Key) ? group.Sum(r => r.WeightCount) : 0, group.Sum(r => isWritten ? r.Data.ByteLength : r.Data.StoredLength)))
            .OrderByDescending(row => row.Bytes).ThenBy(row => row.Kind, StringComparer.Ordinal)
            .ToList();
        rows.Add(new LedgerRow("header and padding", 0, 0, fileBytes - rows.Sum(row => row.Bytes)));
        return new SizeLedger(rows, fileBytes);
    }

    /// <summary>A number of bytes with its unit, decimal and binary: <c>0.585 GB (0.545 GiB)</c>.</summary>
    public static string Show(long bytes) => bytes switch
    {
        >= 1_000_000_000 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e9:0.000} GB ({bytes / (double)(1L << 30):0.000} GiB)"),
        >= 1_000_000 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e6:0.000} MB ({bytes / (double)(1 << 20):0.000} MiB)"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes} bytes"),
    };

    private LedgerRow Of(string kind) => Rows.FirstOrDefault(row => row.Kind == kind) ?? new LedgerRow(kind, 0, 0, 0);

    private static bool IsWeight(string kind) => kind is not ("zero lists" or "scales and shifts" or "code scales" or "region planes" or "salient bitmaps" or "zero points" or "column orders");

    private static string Kind(Op op, string role) => (op.Code, role) switch
    {
        (OpCode.Embedding or OpCode.LmHead, "scale") => "code scales",
        (OpCode.Embedding, _) => "embedding",
        (OpCode.LmHead, _) => "head",
        (OpCode.SignLinear or OpCode.BraqLinear, "sign") => "sign planes",
        (OpCode.SignLinear or OpCode.BraqLinear, "zeros" or "region_zeros") => "zero lists",
        (OpCode.BraqLinear, "region") => "region planes",
        (OpCode.BraqLinear, "salient") => "salient bitmaps",
        (OpCode.CodeLinear, "codes") => "code planes",
        (OpCode.CodeLinear, "zero") => "zero points",
        (OpCode.CodeLinear, "order") => "column orders",
        (OpCode.CodeLinear or OpCode.BraqLinear, _) => "scales and shifts",
        (OpCode.SignLinear or OpCode.FbiLinear, _) when Vectors.Contains(role) => "scales and shifts",
        (OpCode.FbiLinear or OpCode.Linear, _) => "linear weights",
        (OpCode.RmsNorm or OpCode.GatedRmsNorm, _) => "norm weights",
        (OpCode.Scale, _) => "scales and shifts",
        _ => "convolution and scan",
    };
}
