using BiMamba.Tensors;

namespace BiMamba.Passes.Shared;

/// <summary>
/// The signs of a latent weight as trits, computed as they are read: -1, 0, +1, and <see cref="NotANumber"/> for NaN.
/// Holds no copy of the weight.
/// </summary>
/// <remarks>
/// <c>torch.sign</c> gives 0 for both zeros. The official evaluation casts the latent to fp16 before the sign, so
/// magnitudes up to 2^-25 become 0 there.
/// </remarks>
public sealed class SignTensor : Tensor
{
    /// <summary>The trit of a NaN, which no pass packs.</summary>
    public const sbyte NotANumber = sbyte.MinValue;

    private const int ChunkElements = 4096;
    private readonly Tensor latent;
    private readonly bool throughHalf;
    private readonly bool[]? constantColumns;

    /// <summary>Signs of a latent weight [rows, columns].</summary>
    /// <param name="latent">Floating-point, rank 2.</param>
    /// <param name="throughHalf">True to round to fp16 before the sign.</param>
    /// <param name="constantColumns">Columns whose signs are all +1, or null.</param>
    public SignTensor(Tensor latent, bool throughHalf, bool[]? constantColumns)
        : base(ElementType.I8, latent.Shape)
    {
        this.latent = latent;
        this.throughHalf = throughHalf;
        this.constantColumns = constantColumns;
    }

    /// <inheritdoc/>
    public override void Read(long offset, Span<byte> destination)
    {
        CheckRange(offset, destination.Length);
        Span<float> values = stackalloc float[ChunkElements];
        while (destination.Length > 0)
        {
            var chunk = values[..Math.Min(ChunkElements, destination.Length)];
            latent.ReadSingles(offset, chunk);
            for (var i = 0; i < chunk.Length; i++)
                destination[i] = (byte)Sign(chunk[i]);
            if (constantColumns is not null)
                OverrideColumns(offset, destination[..chunk.Length]);
            destination = destination[chunk.Length..];
            offset += chunk.Length;
        }
    }

    private sbyte Sign(float value)
    {
        if (throughHalf)
            value = (float)(Half)value;
        if (value > 0)
            return 1;
        if (value < 0)
            return -1;
        return value == 0 ? (sbyte)0 : NotANumber;
    }

    private void OverrideColumns(long offset, Span<byte> signs)
    {
        var column = (int)(offset % Shape[1]);
        for (var i = 0; i < signs.Length; i++)
        {
            if (constantColumns![column])
                signs[i] = 1;
            if (++column == constantColumns.Length)
                column = 0;
        }
    }
}
