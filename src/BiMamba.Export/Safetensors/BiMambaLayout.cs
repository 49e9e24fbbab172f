using System.Text.Json;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Export.Structure;
using BiMamba.Frontend;
using BiMamba.IR;
using BiMamba.Tensors;
using BiMamba.Weights;

namespace BiMamba.Export.Safetensors;

/// <summary>
/// A Bi-Mamba in the layout of its official code: a latent weight, wscale and wbias for each FBI-Linear. What has been
/// folded or packed has its signs for a latent weight, and computes the same.
/// </summary>
/// <remarks>Source: arXiv 2411.11843, and modules/bimamba2.py of its code.</remarks>
public static class BiMambaLayout
{
    private const string Backbone = "backbone.";
    private const double OfficialEps = 1e-5;

    /// <summary>The checkpoint, or null after an error.</summary>
    /// <param name="module">A module of Mamba-2 whose projections are FBI-Linear, planes of signs, or dense.</param>
    /// <param name="file">The model as messages name it.</param>
    /// <param name="diagnostics">Receives <see cref="ExportDiagnostics"/>.</param>
    public static CheckpointExport? Create(Module module, string file, DiagnosticBag diagnostics)
    {
        if (new StructureReader(module, file, diagnostics).Read() is not { } model)
            return null;
        Check(model, file, diagnostics);
        var tensors = new LayerTensors(model, Backbone, PatternOf);
        if (!diagnostics.HasErrors)
            tensors.AddAll((op, handle, layer) => Project(model, tensors, op, handle, layer, file, diagnostics));
        return diagnostics.HasErrors ? null : new CheckpointExport(tensors.Tensors, JsonConfig.Write(json => Config(json, model)));
    }

    /// <summary>The official code says embedding where transformers says embeddings.</summary>
    private static string PatternOf(string handle) => TensorNameMap.All.Last(row => row.Handle == handle).Pattern;

    private static void Check(ModelStructure model, string file, DiagnosticBag diagnostics)
    {
        void Report(string message) => diagnostics.Add(ExportDiagnostics.CannotHold, message, Place.OfFile(file));
        if (model.Family != LayerFamily.Mamba2)
            Report("expected layers of Mamba-2, found Mamba-1");
        else if (!model.Layers.Any(layer => layer.Ops.Values.Any(op => op.Code is OpCode.FbiLinear or OpCode.SignLinear)))
            Report("expected planes of signs or FBI-Linear, found neither");
        else if (model.Eps != OfficialEps)
            Report($"expected the epsilon {OfficialEps} of the official code, found {model.Eps}");
        else if (model.Layers.Any(layer => layer[Parts.GateNorm].Int(Attributes.NormGroupSize) != layer.Shape.Inner / layer.Shape.Groups))
            Report("expected a gated norm over the features of a group, as the official code computes it, found another");
    }

    private static void Project(ModelStructure model, LayerTensors tensors, Op op, string handle, int layer, string file, DiagnosticBag diagnostics)
    {
        void Add(string part, Tensor? tensor)
        {
            if (tensor is not null)
                tensors.Add(handle + part, layer, tensor);
        }

        Add(Handles.Bias, model.Find(op, "bias")?.Data);
        switch (op.Code)
        {
            case OpCode.Linear:
                Add(Handles.Weight, model.Find(op, "weight")!.Data);
                break;
            case OpCode.FbiLinear:
                Add(Handles.Weight, model.Find(op, "latent")!.Data);
                Add(Handles.Scale, model.Find(op, "scale")!.Data);
                Add(Handles.Shift, model.Find(op, "shift")!.Data);
                break;
            case OpCode.SignLinear when op.Find("zero_shift") is null && (op.Find("row_scale") ?? op.Find("row_shift")) is null:
                AddSigns(model, Add, op, "column_scale", "column_shift", 1);
                break;
            case OpCode.SignLinear when op.Find("zero_shift") is null && (op.Find("column_scale") ?? op.Find("column_shift")) is null:
                AddSigns(model, Add, op, "row_scale", "row_shift", 0);
                break;
            default:
                diagnostics.Add(ExportDiagnostics.CannotHold, $"expected signs with one scale and one shift by column or by row, found {op.Info.Name} with {string.Join(", ", op.Operands.Where(operand => operand.IsResource).Select(operand => operand.Role))}", new Place(file, op.Operands.First(operand => operand.IsResource).Name));
                break;
        }
    }

    /// <summary>Signs, and their vectors along a dimension of the weight.</summary>
    private static void AddSigns(ModelStructure model, Action<string, Tensor?> add, Op op, string scale, string shift, int dimension)
    {
        var signs = DenseTensor.Of(op.Without("column_scale").Without("column_shift").Without("row_scale").Without("row_shift"), model.Module);
        add(Handles.Weight, new CastTensor(signs, ElementType.F16));
        var count = checked((int)signs.Shape[dimension]);
        var shape = dimension == 1 ? Shape.Of(1, count) : Shape.Of(count, 1);
        add(Handles.Scale, Vector(model.Find(op, scale), count, 1, shape));
        add(Handles.Shift, Vector(model.Find(op, shift), count, 0, shape));
    }

    private static MemoryTensor Vector(Resource? resource, int count, float fallback, Shape shape) =>
        MemoryTensor.Of(resource?.Data.ToSingles() ?? [.. Enumerable.Repeat(fallback, count)], shape);

    private static void Config(Utf8JsonWriter json, ModelStructure model)
    {
        var (d, scan, gate) = (model.Shape, model.Layers[0][Parts.Scan], model.Layers[0][Parts.GateNorm]);
        json.WriteNumber("d_model", d.Model);
        json.WriteNumber("d_intermediate", 0);
        json.WriteNumber("n_layer", model.Layers.Length);
        json.WriteNumber("vocab_size", model.Module.FindInt("vocab") ?? model.Rows);
        json.WriteStartObject("ssm_cfg");
        json.WriteString("layer", "Mamba2");
        json.WriteNumber("d_state", d.State);
        json.WriteNumber("d_conv", d.ConvWidth);
        json.WriteNumber("expand", d.Inner / (double)d.Model);
        json.WriteNumber("headdim", d.Inner / d.Heads);
        json.WriteNumber("ngroups", d.Groups);
        if (gate.Bool(Attributes.NormBeforeGate))
            json.WriteBoolean("norm_before_gate", true);
        if (scan.Float(Attributes.DtMin) > 0 || double.IsFinite(scan.Float(Attributes.DtMax)))
            json.WriteNumbers("dt_limit", scan.Float(Attributes.DtMin), scan.Float(Attributes.DtMax));
        if (model.Find(scan, "d")!.Shape.Count != d.Heads)
            json.WriteBoolean("D_has_hdim", true);
        if (model.Layers[0][Parts.InProj].Find("bias") is not null)
            json.WriteBoolean("bias", true);
        json.WriteEndObject();
        json.WriteStartArray("attn_layer_idx");
        json.WriteEndArray();
        json.WriteStartObject("attn_cfg");
        json.WriteEndObject();
        json.WriteBoolean("rms_norm", true);
        json.WriteBoolean("residual_in_fp32", true);
        json.WriteBoolean("fused_add_norm", true);
        json.WriteNumber("pad_vocab_size_multiple", 1);
        json.WriteBoolean("tie_embeddings", model.IsTied);
    }
}
