using System.Collections.Immutable;
using BiMamba.IR;
using BiMamba.Tensors;

namespace BiMamba.Passes.Shared.LowBit;

/// <summary>Cuts a dense linear into linears of consecutive segments, whose results are put together again.</summary>
public static class LinearCut
{
    /// <summary>The block with the linear cut, and the pieces.</summary>
    /// <param name="block">The block.</param>
    /// <param name="linear">The linear.</param>
    /// <param name="runs">The segments of each piece; together all rows, in order; at least two.</param>
    /// <param name="resources">Receives the rows of the weight and of the bias as views, named by their segments: <c>in_proj.z_x.weight</c>.</param>
    public static (Block Block, ImmutableArray<Op> Pieces) Cut(
        Block block, Op linear, IReadOnlyList<ImmutableArray<Segment>> runs, ImmutableSortedDictionary<string, Resource>.Builder resources)
    {
        var taken = block.Body.SelectMany(op => op.Results).Select(value => value.Name).Append(block.Parameter.Name).ToHashSet(StringComparer.Ordinal);
        Value Named(string name, long width)
        {
            var unique = ResourceNames.Unique(name, taken.Contains);
            taken.Add(unique);
            return new Value(unique, IR.ValueType.Features(width));
        }

        var pieces = ImmutableArray.CreateBuilder<Op>();
        foreach (var run in runs)
        {
            var name = string.Join('_', run.Select(segment => segment.Name.Length > 0 ? segment.Name : "rest"));
            var (first, rows) = (run[0].First, run.Sum(segment => segment.Count));
            var piece = linear with { Results = [Named($"{linear.Result.Name}_{name}", rows)] };
            foreach (var operand in linear.Operands.Where(operand => operand.IsResource))
                piece = piece.With(operand.Role, Rows(operand.Name, name, first, rows, resources));
            pieces.Add(piece);
        }

        var joins = new List<Op>();
        var joined = pieces[0].Result;
        foreach (var (index, piece) in pieces.Index().Skip(1))
        {
            var result = index == pieces.Count - 1 ? linear.Result : Named($"{linear.Result.Name}_to_{index}", joined.Type.Width + piece.Result.Type.Width);
            joins.Add(new Op(OpCode.Concat, [result], [Operand.Value("a", joined.Name), Operand.Value("b", piece.Result.Name)], ImmutableDictionary<string, AttributeValue>.Empty));
            joined = result;
        }

        return (block.With(block.Body.SelectMany(op => ReferenceEquals(op, linear) ? [.. pieces, .. joins] : (IEnumerable<Op>)[op])), pieces.ToImmutable());
    }

    private static string Rows(string name, string segments, int first, int rows, ImmutableSortedDictionary<string, Resource>.Builder resources)
    {
        var prefix = ResourceNames.Prefix(name);
        return ResourceNames.Add(resources, new Resource($"{prefix}.{segments}{name[prefix.Length..]}", new RowsTensor(resources[name].Data, first, rows)));
    }
}
