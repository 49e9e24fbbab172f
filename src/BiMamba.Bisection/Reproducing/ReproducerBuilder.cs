using System.Collections.Immutable;
using BiMamba.Bisection.Running;
using BiMamba.IR;
using BiMamba.Tensors;

namespace BiMamba.Bisection.Reproducing;

/// <summary>
/// Makes a module of cut ops: a block that returns recorded activations as rows of an embedding, and a block with the
/// ops, whose wrong value is returned as logits. Ops that read token ids are the first block themselves.
/// </summary>
/// <param name="specimen">What is cut.</param>
/// <param name="map">Which channels belong together.</param>
internal sealed class ReproducerBuilder(Specimen specimen, ChannelMap map)
{
    /// <summary>Features of the result at most: an embedding needs a row for each.</summary>
    private const int MaxLogits = 16;

    /// <summary>Features that are left of a wider result.</summary>
    private const int FewLogits = 4;

    private const string InputName = "inputs";

    /// <summary>The module for a choice of channels and the tokens from one up to the worst, with its ids.</summary>
    public (Module Module, ImmutableArray<int> Ids) Build(HashSet<int> sets, int firstToken) =>
        specimen.TakesIds ? BuildOnIds(sets, firstToken) : BuildOnFeatures(sets, firstToken);

    private (Module Module, ImmutableArray<int> Ids) BuildOnIds(HashSet<int> sets, int firstToken)
    {
        var (width, rowsOfAll) = (Math.Min(MaxLogits, map.Kept(specimen.Value, sets).Length), EmbeddingRows());
        var used = specimen.Ids[firstToken..(specimen.Token + 1)].Distinct().ToList();
        for (var row = 0; used.Count < Math.Min(width, rowsOfAll); row++)
        {
            if (!used.Contains(row))
                used.Add(row);
        }

        var slices = new SliceBuilder(specimen, map, sets, [.. used]);
        var (body, value) = Narrowed(specimen.Ops.Select(slices.Cut), slices);
        return (Assemble([new Block(specimen.Block.Name, specimen.Block.Parameter, body, value)], slices.Resources), [.. specimen.Ids[firstToken..(specimen.Token + 1)].Select(id => used.IndexOf(id))]);
    }

    private int EmbeddingRows() =>
        checked((int)specimen.Ops.Where(op => op.Code == OpCode.Embedding).Min(op => specimen.Before.Resources[op.Get("weight")].Shape[0]));

    private (Module Module, ImmutableArray<int> Ids) BuildOnFeatures(HashSet<int> sets, int firstToken)
    {
        var slices = new SliceBuilder(specimen, map, sets, null);
        var (body, value) = Narrowed(specimen.Ops.Select(slices.Cut), slices);
        var tokens = specimen.Token + 1 - firstToken;
        var inputs = specimen.Inputs;
        var weight = new Resource(InputName, InputRows(inputs, slices, firstToken, Math.Max(tokens, value == specimen.Value ? slices.Kept(value).Length : FewLogits)));
        if (inputs.Length != 1)
            body = body.Insert(0, SplitOfInputs(inputs, slices));
        var parameter = new Value(inputs.Length == 1 ? inputs[0] : InputName, IR.ValueType.Features(weight.Shape[1]));
        var input = Hybrid.InputBlock(specimen.Block.Name == "embed" ? InputName : "embed", weight);
        return (Assemble([input, new Block(specimen.Block.Name, parameter, body, value)], slices.Resources.Append(weight)), [.. Enumerable.Range(0, tokens)]);
    }

    /// <summary>Recorded features of the tokens, one row each; the rows behind them are zero.</summary>
    private MemoryTensor InputRows(ImmutableArray<string> inputs, SliceBuilder slices, int firstToken, int rows)
    {
        var columns = inputs.SelectMany(input => slices.Kept(input).Select(feature => (Values: specimen.Recorded[input], Feature: feature))).ToList();
        var values = new float[rows * columns.Count];
        for (var t = firstToken; t <= specimen.Token; t++)
        {
            foreach (var (i, column) in columns.Index())
                values[((t - firstToken) * columns.Count) + i] = column.Values[t][column.Feature];
        }

        return MemoryTensor.Of(values, Shape.Of(rows, columns.Count));
    }

    private static Op SplitOfInputs(ImmutableArray<string> inputs, SliceBuilder slices)
    {
        var parts = inputs.Select(input => new Value(input, IR.ValueType.Features(slices.Kept(input).Length))).ToImmutableArray();
        return Split(InputName, parts);
    }

    private static Op Split(string whole, ImmutableArray<Value> parts) => new(
        OpCode.Split,
        parts,
        [Operand.Value("x", whole)],
        ImmutableDictionary<string, AttributeValue>.Empty.Add(Attributes.Sizes.Name, new AttributeValue.Ints([.. parts.Select(part => part.Type.Width)])));

    /// <summary>The ops and the value that is returned: of a wide one only the features around the worst.</summary>
    private (ImmutableArray<Op> Body, string Value) Narrowed(IEnumerable<Op> ops, SliceBuilder slices)
    {
        var kept = slices.Kept(specimen.Value);
        if (kept.Length <= MaxLogits)
            return ([.. ops], specimen.Value);
        var first = Math.Clamp(Array.IndexOf(kept, specimen.Feature) - (FewLogits / 2), 0, kept.Length - FewLogits);
        var parts = ((string Name, int Width)[])[("features_before", first), ("logits", FewLogits), ("features_behind", kept.Length - FewLogits - first)];
        var split = Split(specimen.Value, [.. parts.Where(part => part.Width > 0).Select(part => new Value(part.Name, IR.ValueType.Features(part.Width)))]);
        return ([.. ops, split], "logits");
    }

    /// <summary>Words among the module's attributes stay; its numbers are those of the whole model.</summary>
    private Module Assemble(ImmutableArray<Block> blocks, IEnumerable<Resource> resources) => specimen.Before with
    {
        Attributes = [.. specimen.Before.Attributes.Where(attribute => attribute.Value is AttributeValue.Word)],
        Resources = Module.ResourceMap(resources),
        Blocks = blocks,
    };
}
