using BiMamba.Tensors;

namespace BiMamba.Synthesis;

/// <summary>
/// Makes the random tensors of one checkpoint; tensors of one distribution share its values. Not safe for concurrent
/// use, other than the tensors that it makes.
/// </summary>
/// <param name="seed">The seed of the checkpoint.</param>
/// <param name="type">F16, BF16 or F32.</param>
internal sealed class TensorSampler(ulong seed, ElementType type)
{
    private readonly Dictionary<Distribution, ushort[]> halves = [];
    private readonly Dictionary<Distribution, uint[]> singles = [];

    /// <summary>A tensor of a distribution.</summary>
    public Tensor Sample(string name, Shape shape, Distribution distribution) => type switch
    {
        ElementType.F16 => Half(name, shape, distribution, value => BitConverter.HalfToUInt16Bits((Half)value)),
        ElementType.BF16 => Half(name, shape, distribution, BFloat16),
        ElementType.F32 => new SampledTensor<uint>(Values(singles, distribution, value => BitConverter.SingleToUInt32Bits((float)value)), seed, name, type, shape),
        _ => throw new InvalidOperationException($"{type.Name()} is not a type of synthesized checkpoints"),
    };

    private SampledTensor<ushort> Half(string name, Shape shape, Distribution distribution, Func<double, ushort> bits) =>
        new(Values(halves, distribution, bits), seed, name, type, shape);

    private static T[] Values<T>(Dictionary<Distribution, T[]> tables, Distribution distribution, Func<double, T> bits)
    {
        if (!tables.TryGetValue(distribution, out var values))
        {
            values = new T[Distribution.Points];
            for (var i = 0; i < values.Length; i++)
                values[i] = bits(distribution.At(i));
            tables.Add(distribution, values);
        }

        return values;
    }

    /// <summary>Rounds to nearest, ties to even; the values are finite and far from overflow.</summary>
    private static ushort BFloat16(double value)
    {
        var bits = BitConverter.SingleToUInt32Bits((float)value);
        return (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
    }
}
