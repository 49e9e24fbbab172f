using BiMamba.IR;
using BiMamba.Tensors;

namespace BiMamba.Frontend.Text;

/// <summary>
/// The weights of IR text as a safetensors file: a resource under its name. A plain encoding keeps its type and shape,
/// <c>trit</c> is I8 of its shape, a packed encoding is its raw bytes, U8 of one dimension.
/// </summary>
public static class IrWeights
{
    /// <summary>The tensors of a module's resources, as a file holds them.</summary>
    public static IReadOnlyList<KeyValuePair<string, Tensor>> Tensors(Module module) =>
        [.. module.Resources.Values.Select(resource => KeyValuePair.Create(resource.Name, resource.Data))];

    /// <summary>
    /// The tensor of a declared resource's name as a resource: in the declared encoding where the tensor holds it, else
    /// as the plain tensor that it is; null where there is none of the name.
    /// </summary>
    public static Resource? Find(TensorArchive archive, Resource declared)
    {
        if (!archive.Tensors.TryGetValue(declared.Name, out var entry))
            return null;
        var tensor = entry.Tensor;
        var holdsIt = tensor.Type == declared.Data.Type && tensor.Shape.Equals(declared.Data.Shape);
        return holdsIt ? new Resource(declared.Name, declared.Encoding, declared.Shape, tensor) : new Resource(declared.Name, tensor);
    }
}
