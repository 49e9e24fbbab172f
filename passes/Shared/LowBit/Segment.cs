using System.Collections.Immutable;
using BiMamba.IR;

namespace BiMamba.Passes.Shared.LowBit;

/// <summary>Rows of a linear that one purpose has: z, x, B, C and dt of in_proj in Mamba-2, x and z of in_proj and dt, B and C of x_proj in Mamba-1.</summary>
/// <param name="Name">The role in the scan or its gate; empty for rows that reach none.</param>
/// <param name="First">The first row.</param>
/// <param name="Count">The number of rows.</param>
public sealed record Segment(string Name, int First, int Count);

/// <summary>Finds the segments of a linear by following its result to the scan.</summary>
public static class Segments
{
    /// <summary>The segments of a linear in order of rows, which cover it; one without a name where nothing is known.</summary>
    /// <param name="block">The block of the linear.</param>
    /// <param name="linear">The linear, or any op with one result.</param>
    public static ImmutableArray<Segment> Of(Block block, Op linear)
    {
        var found = new List<Segment>();
        var rows = checked((int)linear.Result.Type.Width);
        Follow(block, linear.Result.Name, 0, new Segment("", 0, rows), found);
        var covering = ImmutableArray.CreateBuilder<Segment>();
        var row = 0;
        foreach (var segment in found.OrderBy(segment => segment.First))
        {
            // A value that two roles read belongs to the first of them.
            if (segment.First < row)
                continue;
            if (segment.First > row)
                covering.Add(new Segment("", row, segment.First - row));
            covering.Add(segment);
            row = segment.First + segment.Count;
        }

        if (row < rows)
            covering.Add(new Segment("", row, rows - row));
        return covering.ToImmutable();
    }

    /// <summary>Adds what becomes of features of a value.</summary>
    /// <param name="block">The block.</param>
    /// <param name="value">The value.</param>
    /// <param name="from">The first feature.</param>
    /// <param name="rows">The rows of the linear that the features are.</param>
    /// <param name="found">Receives segments.</param>
    private static void Follow(Block block, string value, int from, Segment rows, List<Segment> found)
    {
        foreach (var op in block.Body)
        {
            if (op.Operands.FirstOrDefault(operand => !operand.IsResource && operand.Name == value) is not { } operand)
                continue;
            if (op.Code == OpCode.Split)
                FollowParts(block, op, from, rows, found);
            else if (op.Code == OpCode.Concat)
                Follow(block, op.Result.Name, operand.Role == "a" ? from : from + checked((int)block.Find(op.Get("a"))!.Type.Width), rows, found);
            else if (op.Code is OpCode.CausalConv1d or OpCode.RmsNorm or OpCode.Scale or OpCode.Silu)
                Follow(block, op.Result.Name, from, rows, found);
            else if (op.Code is OpCode.Linear && Of(block, op) is [{ Name.Length: > 0 } only])
                found.Add(rows with { Name = only.Name });
            else if (op.Code is OpCode.SsdScan or OpCode.SelectiveScan or OpCode.GatedRmsNorm && Name(op, operand.Role) is { } name)
                found.Add(rows with { Name = name });
        }
    }

    private static void FollowParts(Block block, Op split, int from, Segment rows, List<Segment> found)
    {
        var start = 0;
        foreach (var part in split.Results)
        {
            var end = start + checked((int)part.Type.Width);
            var (low, high) = (Math.Max(from, start), Math.Min(from + rows.Count, end));
            if (low < high)
                Follow(block, part.Name, low - start, new Segment("", rows.First + low - from, high - low), found);
            start = end;
        }
    }

    /// <summary>The name of a role as papers write it; null for what the scan gives to the gated norm.</summary>
    private static string? Name(Op op, string role) => role switch
    {
        "b" => "B",
        "c" => "C",
        "x" when op.Code == OpCode.GatedRmsNorm => null,
        _ => role,
    };
}
