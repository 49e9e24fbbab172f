using BiMamba.Tensors;

namespace BiMamba.Export.Tests;

/// <summary>Small checkpoints turned into Bi-Mamba.</summary>
internal static class Signs
{
    /// <summary>Gives every projection latent weights of both signs, none of them zero, and one scale without shift.</summary>
    public static void Binarize(Dictionary<string, Tensor> tensors) => Binarize(tensors, 0);

    /// <summary>The same with a shift.</summary>
    public static void Binarize(Dictionary<string, Tensor> tensors, float shift)
    {
        foreach (var name in tensors.Keys.Where(name => name.EndsWith("_proj.weight", StringComparison.Ordinal)).ToArray())
        {
            var weight = tensors[name];
            tensors[name] = MemoryTensor.Of(Array.ConvertAll(weight.ToSingles(), value => value - 0.4951f), weight.Shape);
            tensors.Add(name[..^6] + "wscale", MemoryTensor.Of([0.5f], Shape.Of(1)));
            tensors.Add(name[..^6] + "wbias", MemoryTensor.Of([shift], Shape.Of(1)));
        }
    }
}
