using BiMamba.Kernels;
using BiMamba.Tensors;

namespace BiMamba.Weights;

/// <summary>Floating-point weights as kernels read them.</summary>
public static class FloatWeights
{
    /// <summary>The element type of the kernels; null where they have none.</summary>
    public static StoredElement? Element(ElementType type) => type switch
    {
        ElementType.F32 => StoredElement.F32,
        ElementType.F16 => StoredElement.F16,
        ElementType.BF16 => StoredElement.BF16,
        _ => null,
    };

    /// <summary>
    /// All elements of a small weight as f32. The kernels are compiled as fast code at once, which general conversions are
    /// only after many calls: with those, the first token of a model waits for its small weights.
    /// </summary>
    public static float[] ReadAll(Tensor tensor)
    {
        if (Element(tensor.Type) is not { } element || tensor.ByteLength > int.MaxValue || !tensor.TryGetSpan(0, (int)tensor.ByteLength, out var bytes))
            return tensor.ToSingles();
        var values = new float[checked((int)tensor.Shape.Count)];
        StoredRows.Floats(bytes, element, 1, values.Length).Widen(new MutableRows(values, 1, values.Length));
        return values;
    }
}
