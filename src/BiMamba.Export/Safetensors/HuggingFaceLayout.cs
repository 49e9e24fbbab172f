using System.Collections.Immutable;
using System.Text.Json;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Export.Structure;
using BiMamba.Frontend;
using BiMamba.IR;

namespace BiMamba.Export.Safetensors;

/// <summary>A model of dense weights in the layout of Mamba, Mamba2 or FalconMamba of Hugging Face transformers.</summary>
/// <remarks>Source: models/mamba2, models/mamba and models/falcon_mamba of transformers.</remarks>
public static class HuggingFaceLayout
{
    private const string Backbone = "backbone.";

    /// <summary>The checkpoint, or null after an error.</summary>
    /// <param name="module">A module whose linears are dense, as the pass dequantize gives it.</param>
    /// <param name="file">The model as messages name it.</param>
    /// <param name="diagnostics">Receives <see cref="ExportDiagnostics"/>.</param>
    public static CheckpointExport? Create(Module module, string file, DiagnosticBag diagnostics)
    {
        if (new StructureReader(module, file, diagnostics).Read() is not { } model)
            return null;
        foreach (var layer in model.Layers.Where(_ => model.Family == LayerFamily.Mamba2))
            Check(model, layer, new Place(file, Field: "@" + layer.Block), diagnostics);
        if (diagnostics.HasErrors)
            return null;
        var tensors = new LayerTensors(model, Backbone, handle => TensorNameMap.All.First(row => row.Handle == handle).Pattern);
        tensors.AddAll((op, handle, layer) =>
        {
            tensors.Add(handle + Handles.Weight, layer, model.Find(op, "weight")!.Data);
            if (model.Find(op, "bias") is { } bias)
                tensors.Add(handle + Handles.Bias, layer, bias.Data);
        });
        return new CheckpointExport(tensors.Tensors, JsonConfig.Write(json => Config(json, model)));
    }

    private static void Check(ModelStructure model, Layer layer, Place place, DiagnosticBag diagnostics)
    {
        var gate = layer[Parts.GateNorm];
        if (gate.Bool(Attributes.NormBeforeGate))
            diagnostics.Add(ExportDiagnostics.CannotHold, "expected a gate before the norm, as transformers computes it, found the norm before the gate", place);
        if (gate.Int(Attributes.NormGroupSize) != layer.Shape.Inner)
            diagnostics.Add(ExportDiagnostics.CannotHold, $"expected a gated norm over all {layer.Shape.Inner} features, as transformers computes it, found groups of {gate.Int(Attributes.NormGroupSize)}", place);
        if (model.Find(layer[Parts.Scan], "d")!.Shape.Count != layer.Shape.Heads)
            diagnostics.Add(ExportDiagnostics.CannotHold, $"expected one skip weight a head, found {model.Find(layer[Parts.Scan], "d")!.Shape}", place);
    }

    private static void Config(Utf8JsonWriter json, ModelStructure model)
    {
        var (d, first) = (model.Shape, model.Layers[0]);
        var (type, name) = model.Family switch
        {
            LayerFamily.Mamba2 => ("mamba2", "Mamba2ForCausalLM"),
            LayerFamily.FalconMamba => ("falcon_mamba", "FalconMambaForCausalLM"),
            _ => ("mamba", "MambaForCausalLM"),
        };
        json.WriteStartArray("architectures");
        json.WriteStringValue(name);
        json.WriteEndArray();
        json.WriteString("model_type", type);
        json.WriteNumber("hidden_size", d.Model);
        json.WriteNumber("num_hidden_layers", model.Layers.Length);
        json.WriteNumber("vocab_size", model.Rows);
        json.WriteNumber("state_size", d.State);
        json.WriteNumber("conv_kernel", d.ConvWidth);
        json.WriteNumber("expand", d.Inner / (double)d.Model);
        json.WriteNumber("layer_norm_epsilon", model.Eps);
        json.WriteString("hidden_act", "silu");
        json.WriteBoolean("use_bias", first[Parts.InProj].Find("bias") is not null);
        json.WriteBoolean("use_conv_bias", first[Parts.Conv].Find("bias") is not null);
        json.WriteBoolean("tie_word_embeddings", model.IsTied);
        json.WriteBoolean("residual_in_fp32", true);
        if (model.Family == LayerFamily.Mamba2)
        {
            json.WriteNumber("num_heads", d.Heads);
            json.WriteNumber("head_dim", d.Inner / d.Heads);
            json.WriteNumber("n_groups", d.Groups);
            json.WriteBoolean("rms_norm", true);
            var scan = first[Parts.Scan];
            json.WriteNumbers("time_step_limit", scan.Float(Attributes.DtMin), scan.Float(Attributes.DtMax));
            return;
        }

        json.WriteNumber("intermediate_size", d.Inner);
        json.WriteNumber("time_step_rank", d.Rank);
        if (model.Family == LayerFamily.FalconMamba)
            json.WriteNumber("mixer_rms_eps", first[Parts.DtNorm].Float(Attributes.Eps));
    }
}
