using BiMamba.Export.Structure;
using BiMamba.Frontend;
using BiMamba.IR;
using BiMamba.Tensors;

namespace BiMamba.Export.Safetensors;

/// <summary>The tensors of a model under the names of a checkpoint, but for those of the projections.</summary>
internal sealed class LayerTensors(ModelStructure model, string backbone, Func<string, string> patternOf)
{
    private readonly List<KeyValuePair<string, Tensor>> tensors = [];

    /// <summary>All tensors so far, in the order in which they were added.</summary>
    public IReadOnlyList<KeyValuePair<string, Tensor>> Tensors => tensors;

    /// <summary>Adds embedding, norms, convolutions, scans, and a head of its own; projections by a function.</summary>
    /// <param name="project">Adds the tensors of a projection: its op, its handle, the layer.</param>
    public void AddAll(Action<Op, string, int> project)
    {
        Add(Handles.Embedding, 0, model.Find(model.Embedding, "weight"));
        for (var i = 0; i < model.Layers.Length; i++)
            AddLayer(model.Layers[i], i, project);
        Add(Handles.FinalNorm, 0, model.Find(model.FinalNorm, "weight"), model.Shape.Model);
        if (!model.IsTied)
            tensors.Add(KeyValuePair.Create(Handles.Head, model.Find(model.Head, "weight")!.Data));
    }

    /// <summary>Adds a tensor of a layer.</summary>
    public void Add(string handle, int layer, Tensor tensor) =>
        tensors.Add(KeyValuePair.Create(backbone + TensorNameMap.Resource(patternOf(handle), layer), tensor));

    private void AddLayer(Layer layer, int i, Action<Op, string, int> project)
    {
        var (conv, scan) = (layer[Parts.Conv], layer[Parts.Scan]);
        Add(Handles.Norm, i, model.Find(layer[Parts.Norm], "weight"), model.Shape.Model);
        project(layer[Parts.InProj], Handles.InProj, i);
        Add(Handles.ConvWeight, i, model.Find(conv, "weight"));
        Add(Handles.ConvBias, i, model.Find(conv, "bias"));
        if (model.Family == LayerFamily.Mamba2)
        {
            Add(Handles.DtBias, i, model.Find(scan, "dt_bias"), model.Shape.Heads, 0);
            Add(Handles.GateNorm, i, model.Find(layer[Parts.GateNorm], "weight"));
        }
        else
        {
            Add(Handles.XProj, i, model.Find(layer[Parts.XProj], "weight"));
            Add(Handles.DtProjWeight, i, model.Find(layer[Parts.DtProj], "weight"));
            Add(Handles.DtProjBias, i, model.Find(scan, "dt_bias"), model.Shape.Inner, 0);
        }

        Add(Handles.ALog, i, model.Find(scan, "a_log"));
        Add(Handles.D, i, model.Find(scan, "d"));
        project(layer[Parts.OutProj], Handles.OutProj, i);
    }

    /// <summary>Adds a resource; where the module has none, as many equal numbers if they are needed.</summary>
    private void Add(string handle, int layer, Resource? resource, long needed = 0, float fallback = 1)
    {
        if (resource is not null)
            Add(handle, layer, resource.Data);
        else if (needed > 0)
            Add(handle, layer, MemoryTensor.Vector([.. Enumerable.Repeat(fallback, checked((int)needed))]));
    }
}
