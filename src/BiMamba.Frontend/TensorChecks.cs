using System.Globalization;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Tensors;

namespace BiMamba.Frontend;

/// <summary>Compares the tensors of a checkpoint with those that its family needs; reports every difference.</summary>
internal sealed class TensorChecks(CheckpointTensors tensors, ModelConfig config, DiagnosticBag diagnostics)
{
    // Where a missing tensor is missing: the only file, or the folder of the shards.
    private readonly Lazy<string?> files = new(() =>
    {
        var names = tensors.All.Concat(tensors.Unknown).Select(tensor => tensor.File).Distinct(StringComparer.Ordinal).ToArray();
        return names.Length == 1 ? names[0] : Path.GetDirectoryName(names.FirstOrDefault());
    });

    /// <summary>
    /// Reports tensors that are not floating point. True if every tensor has dimensions from 1 to 2^31 - 1, so that
    /// sums of a few of them fit 64 bits and nothing divides by zero.
    /// </summary>
    public bool Elements()
    {
        var ok = true;
        foreach (var tensor in tensors.All)
        {
            if (!tensor.Tensor.Type.Info().IsFloat)
                diagnostics.Add(FrontendDiagnostics.TensorType, $"expected a floating-point type, found {tensor.Tensor.Type.Name()}{tensor.Shape}", tensor.Place, "start from the checkpoint before quantization");
            if (tensor.Shape.Dims.Any(dim => dim is < 1 or > int.MaxValue))
            {
                diagnostics.Add(FrontendDiagnostics.TensorShape, $"expected dimensions from 1 to {int.MaxValue}, found {tensor.Shape}", tensor.Place);
                ok = false;
            }
        }

        return ok;
    }

    /// <summary>Reports missing, unknown and mismatched tensors.</summary>
    public void Run(Dimensions dimensions, BlockFamily family)
    {
        Layers();
        Global(Handles.Embedding, [dimensions.Rows, dimensions.Model]);
        Global(Handles.FinalNorm, [dimensions.Model]);
        if (tensors.Find(Handles.Head) is not null || config.Truth(ConfigKeys.Tied) == false)
            Global(Handles.Head, [dimensions.Rows, dimensions.Model]);
        foreach (var layer in tensors.Layers)
        {
            foreach (var rule in TensorRule.For(family))
                Layer(rule, layer, dimensions);
            Binarized(Handles.InProj, layer);
            Binarized(Handles.OutProj, layer);
        }

        foreach (var tensor in tensors.Unknown)
            diagnostics.Add(FrontendDiagnostics.UnknownTensor, $"expected a tensor of the architecture, found {tensor.Tensor.Type.Name()}{tensor.Shape} of no known role", tensor.Place);
        if (family == BlockFamily.Mamba2)
            Divisibility(dimensions);
    }

    private void Layers()
    {
        var count = tensors.Layers.Count == 0 ? 0 : tensors.Layers.Max() + 1;
        if (count == tensors.Layers.Count)
            return;
        const int shown = 10;
        var missing = Enumerable.Range(0, count).Except(tensors.Layers).ToArray();
        var list = string.Join(", ", missing.Take(shown)) + (missing.Length > shown ? ", ..." : "");
        diagnostics.Add(FrontendDiagnostics.LayerGap, $"expected layers 0 to {count - 1}, found none of {list}", Place.OfFile(tensors.All.First().File), "a shard may be missing");
    }

    private void Global(string handle, long?[] shape)
    {
        if (tensors.Find(handle) is { } tensor)
            Shape(tensor, [shape]);
        else
            Missing(tensors.NameOf(handle), shape);
    }

    private void Layer(TensorRule rule, int layer, Dimensions dimensions)
    {
        var shapes = rule.Shapes(dimensions);
        if (tensors.Find(rule.Handle, layer) is { } tensor)
            Shape(tensor, shapes);
        else if (rule.Presence == Presence.Always || tensors.Any(rule.Handle))
            Missing(tensors.NameOf(rule.Handle, layer), shapes[0]);
    }

    private void Missing(string name, long?[] shape) =>
        diagnostics.Add(FrontendDiagnostics.MissingTensor, $"expected {Text(shape)}, found no tensor of this name", new Place(files.Value, name));

    private void Shape(NamedTensor tensor, long?[][] shapes)
    {
        var fits = shapes.Any(shape => shape.Length == tensor.Shape.Rank
            && shape.Zip(tensor.Shape.Dims).All(pair => pair.First is null || pair.First == pair.Second));
        if (!fits)
            diagnostics.Add(FrontendDiagnostics.TensorShape, $"expected {string.Join(" or ", shapes.Select(Text))}, found {tensor.ShapeText}", tensor.Place);
    }

    private static string Text(long?[] shape) =>
        "[" + string.Join(',', shape.Select(dim => dim?.ToString(CultureInfo.InvariantCulture) ?? "?")) + "]";

    private void Binarized(string projection, int layer)
    {
        var scale = tensors.Find(projection + Handles.Scale, layer);
        var shift = tensors.Find(projection + Handles.Shift, layer);
        if ((scale ?? shift) is not { } one)
            return;
        if (scale is null || shift is null)
        {
            var absent = tensors.NameOf(projection + (scale is null ? Handles.Scale : Handles.Shift), layer);
            diagnostics.Add(FrontendDiagnostics.HalfFbi, $"expected '{absent}' beside it, found none", one.Place, "scale and shift belong together: take a checkpoint that has both");
            return;
        }

        if (tensors.Find(projection + Handles.Weight, layer) is not { Shape.Rank: 2 } weight)
            return;
        var (left, right) = (FbiPattern.Of(weight.Shape, scale.Shape), FbiPattern.Of(weight.Shape, shift.Shape));
        foreach (var (tensor, pattern) in new[] { (scale, left), (shift, right) })
        {
            if (pattern is null)
                diagnostics.Add(FrontendDiagnostics.TensorShape, $"expected {FbiPattern.Expected(weight.Shape)}, found {tensor.Shape}", tensor.Place);
        }

        if (left is not null && right is not null && left.Word != right.Word)
            diagnostics.Add(FrontendDiagnostics.TensorShape, $"expected the {left.Word} pattern of its scale {scale.Shape}, found {shift.Shape}", shift.Place);
    }

    /// <summary>Heads, groups and state divide what they must.</summary>
    private void Divisibility(Dimensions d)
    {
        if (d is not { Inner: { } inner, Heads: { } heads, Conv: { } conv })
            return;
        var first = tensors.Layers.First();
        if (inner % heads != 0)
            Odd(Handles.DtBias, first, $"expected a divisor of the {inner} inner features, found {heads} heads");
        if (conv <= inner || (conv - inner) % 2 != 0)
            Odd(Handles.ConvWeight, first, $"expected {inner} channels and two equal parts for B and C, found {conv} channels");
        else if ((conv - inner) / 2 % d.Groups != 0 || heads % d.Groups != 0 || inner % d.Groups != 0)
        {
            diagnostics.Add(
                FrontendDiagnostics.ConfigMismatch,
                $"expected a divisor of {heads} heads, {inner} inner features and {(conv - inner) / 2} features of B, found {d.Groups} groups",
                new Place(config.File, Field: config.Integer(ConfigKeys.Groups)?.Key ?? ConfigKeys.Groups[0]));
        }
    }

    private void Odd(string handle, int layer, string message) =>
        diagnostics.Add(FrontendDiagnostics.TensorShape, message, tensors.Find(handle, layer)?.Place ?? new Place(Tensor: tensors.NameOf(handle, layer)));
}
