using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Export.Structure;
using BiMamba.Formats.Gguf;
using BiMamba.Frontend;
using BiMamba.Frontend.Gguf;
using BiMamba.IR;
using BiMamba.Kernels;
using BiMamba.Tensors;
using BiMamba.Weights;

namespace BiMamba.Export.Gguf;

/// <summary>The tensors of a GGUF file of a model.</summary>
/// <remarks>
/// Source: convert_hf_to_gguf.py and llama-model.cpp of llama.cpp. Everything but the projections, the embedding and the
/// head is fp32; A is stored as -exp(A_log), the convolution without its dimension of 1, the vectors of heads with one more.
/// </remarks>
internal sealed class GgufTensorPlan(ModelStructure model, GgufExportOptions options, string file, DiagnosticBag diagnostics)
{
    private readonly GgufNames names = GgufNames.Of(GgufMetadata.Architecture(model))!;
    private readonly List<PlannedTensor> tensors = [];

    // Tensors of another type than the one that was asked for, by what they have in common.
    private readonly Dictionary<(GgmlType Wanted, GgmlType Type, long Columns), (string First, int Count)> others = [];

    /// <summary>All tensors, in the order of the file.</summary>
    public IReadOnlyList<PlannedTensor> Create()
    {
        Matrix(names.NameOf(Handles.Embedding, null), model.Embedding, options.Embedding);
        for (var i = 0; i < model.Layers.Length; i++)
            Layer(i, model.Layers[i]);
        Vector(names.NameOf(Handles.FinalNorm, null), model.FinalNorm, "weight", model.Shape.Model, 1);
        if (!model.IsTied)
            Matrix(names.NameOf(Handles.Head, null), model.Head, options.Embedding);
        ReportOthers();
        return tensors;
    }

    private void Layer(int index, Layer layer)
    {
        var (d, isMamba2) = (layer.Shape, model.Family == LayerFamily.Mamba2);
        string Name(string handle) => names.NameOf(handle, index);
        var (conv, scan) = (layer[Parts.Conv], layer[Parts.Scan]);
        var channels = model.Find(conv, "weight")!.Shape[0];
        Vector(Name(Handles.Norm), layer[Parts.Norm], "weight", d.Model, 1);
        Matrix(Name(Handles.InProj + Handles.Weight), layer[Parts.InProj], options.Linear);
        Small(Name(Handles.ConvWeight), Shape.Of(channels, d.ConvWidth), Values(conv, "weight")!);
        Vector(Name(Handles.ConvBias), conv, "bias", channels, 0);
        if (!isMamba2)
        {
            Matrix(Name(Handles.XProj), layer[Parts.XProj], GgmlType.F32);
            Matrix(Name(Handles.DtProjWeight), layer[Parts.DtProj], GgmlType.F32);
        }

        Vector(Name(isMamba2 ? Handles.DtBias : Handles.DtProjBias), scan, "dt_bias", isMamba2 ? d.Heads : d.Inner, 0);
        var a = Array.ConvertAll(Values(scan, "a_log")!, value => (float)-Math.Exp(value));
        Small(Name(Handles.ALog), isMamba2 ? Shape.Of(d.Heads, 1) : Shape.Of(d.Inner, d.State), a);
        Small(Name(Handles.D), isMamba2 ? Shape.Of(d.Heads, 1) : Shape.Of(d.Inner), Values(scan, "d")!);
        if (isMamba2)
            Small(Name(Handles.GateNorm), Shape.Of(d.Groups, d.Inner / d.Groups), Values(layer[Parts.GateNorm], "weight")!);
        Matrix(Name(Handles.OutProj + Handles.Weight), layer[Parts.OutProj], options.Linear);
    }

    /// <summary>A weight matrix in a type that its rows are whole blocks of.</summary>
    private void Matrix(string name, Op op, GgmlType wanted)
    {
        var exact = Weight(op);
        var type = wanted;
        if (exact.Shape[1] % type.BlockElements != 0)
        {
            type = exact.Shape[1] % GgmlType.Q8.BlockElements == 0 ? GgmlType.Q8 : GgmlType.F16;
            var key = (wanted, type, exact.Shape[1]);
            others[key] = others.TryGetValue(key, out var known) ? (known.First, known.Count + 1) : (name, 1);
        }

        var isTernary = type == GgmlType.TQ1 || type == GgmlType.TQ2;
        var stored = isTernary && op.Code == OpCode.SignLinear ? new BlockMeans(Weight(Signs(op)), exact, type.BlockElements) : exact;
        tensors.Add(new PlannedTensor(new GgufTensor(name, type, stored), exact));
    }

    private void ReportOthers()
    {
        foreach (var ((wanted, type, columns), (first, count)) in others)
        {
            var row = options.Strict ? ExportDiagnostics.NotExact : ExportDiagnostics.OtherType;
            diagnostics.Add(
                row,
                $"expected rows of whole blocks of {wanted.BlockElements} elements for {wanted.Name}, found {columns} columns in {count} {(count == 1 ? "tensor" : "tensors")}{(options.Strict ? "" : $", stored as {type.Name}")}",
                new Place(file, first),
                options.Strict ? "take a type of smaller blocks" : null);
        }
    }

    private Tensor Weight(Op op) => op.Code is OpCode.Linear or OpCode.Embedding or OpCode.LmHead && op.Find("scale") is null
        ? model.Find(op, "weight")!.Data
        : DenseTensor.Of(op, model.Module);

    /// <summary>The signs alone.</summary>
    private static Op Signs(Op op) =>
        op.Without("column_scale").Without("row_scale").Without("column_shift").Without("row_shift").Without("zero_shift");

    private void Vector(string name, Op op, string role, long count, float fallback) =>
        Small(name, Shape.Of(count), Values(op, role) ?? [.. Enumerable.Repeat(fallback, checked((int)count))]);

    private void Small(string name, Shape shape, float[] values)
    {
        // A decay can pass fp32 although its logarithm, which the model has, does not.
        if (NotFinite.IndexOf(values) is >= 0 and var index)
            diagnostics.Add(PipelineDiagnostics.NotFinite, $"element {FiniteWeights.Coordinates(index, shape)}: expected a finite number, found {FiniteWeights.Text(values[index])}", new Place(file, name), "the model is damaged, or its training diverged");
        tensors.Add(new PlannedTensor(new GgufTensor(name, GgmlType.F32, MemoryTensor.Of(values, shape))));
    }

    private float[]? Values(Op op, string role) => model.Find(op, role)?.Data.ToSingles();
}
