using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Export.Structure;
using BiMamba.IR;

namespace BiMamba.Export.Gguf;

/// <summary>What the architectures mamba and mamba2 of GGUF have no place for.</summary>
/// <remarks>Source: llama-model.cpp of llama.cpp, and its graphs of both architectures.</remarks>
internal static class GgufLimits
{
    /// <summary>Reports every part of a model that cannot be held, and warns of what readers refuse.</summary>
    public static void Check(ModelStructure model, string file, DiagnosticBag diagnostics)
    {
        for (var i = 0; i < model.Layers.Length; i++)
            Check(model, model.Layers[i], new Place(file, Field: "@" + model.Layers[i].Block), diagnostics);
        if (model.Shape.Inner != 2 * model.Shape.Model)
            diagnostics.Add(ExportDiagnostics.Reader, $"llama.cpp wants twice the {model.Shape.Model} features of a token inside a layer, found {model.Shape.Inner}", Place.OfFile(file));
    }

    private static void Check(ModelStructure model, Layer layer, Place place, DiagnosticBag diagnostics)
    {
        void Report(string message, string? hint = null) => diagnostics.Add(ExportDiagnostics.CannotHold, message, place, hint);
        foreach (var part in (string[])[Parts.InProj, Parts.OutProj, Parts.XProj, Parts.DtProj])
        {
            if (layer.Ops.TryGetValue(part, out var op) && op.Find("bias") is not null)
                Report($"expected a projection without a bias, found one in {part}");
        }

        var scan = layer[Parts.Scan];
        if (model.Family == LayerFamily.FalconMamba)
        {
            if (layer.Ops[Parts.DtNorm].Float(Attributes.Eps) is var eps && eps != model.Eps)
                Report($"expected the epsilon {model.Eps} of the other norms for those of dt, B and C, found {eps}");
            return;
        }

        if (model.Family != LayerFamily.Mamba2)
            return;
        var gate = layer[Parts.GateNorm];
        if (gate.Bool(Attributes.NormBeforeGate))
            Report("expected a gate before the norm, found the norm before the gate");
        if (gate.Int(Attributes.NormGroupSize) != layer.Shape.Inner / layer.Shape.Groups)
            Report($"expected a gated norm over the {layer.Shape.Inner / layer.Shape.Groups} features of a group, found {gate.Int(Attributes.NormGroupSize)}");
        if (scan.Float(Attributes.DtMin) > 0 || !double.IsPositiveInfinity(scan.Float(Attributes.DtMax)))
            Report($"expected a time step without bounds, found {scan.Float(Attributes.DtMin)} to {scan.Float(Attributes.DtMax)}");
        if (model.Find(scan, "d")!.Shape.Count != layer.Shape.Heads)
            Report($"expected one skip weight a head, found {model.Find(scan, "d")!.Shape}");
    }
}
