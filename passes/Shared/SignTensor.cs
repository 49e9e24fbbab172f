using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using BiMamba.Kernels;
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
    private readonly uint[] plus;

    /// <summary>Signs of a latent weight [rows, columns].</summary>
    /// <param name="latent">Floating-point, rank 2.</param>
    /// <param name="throughHalf">True to round to fp16 before the sign.</param>
    /// <param name="constantColumns">Columns whose signs are all +1 but for NaN, or null.</param>
    public SignTensor(Tensor latent, bool throughHalf, bool[]? constantColumns)
        : base(ElementType.I8, latent.Shape, latent)
    {
        this.latent = latent;
        this.throughHalf = throughHalf;
        this.constantColumns = constantColumns;
        plus = constantColumns is null ? [] : PlusWords(constantColumns);
    }

    /// <summary>The latent weight.</summary>
    public Tensor Latent => latent;

    /// <summary>
    /// Packs a row block of signs from the bits of the latent weight, without trits between them; equal to reading the
    /// trits and packing them.
    /// </summary>
    /// <param name="firstRow">The first row of the block.</param>
    /// <param name="rows">Its rows, up to <see cref="SignTiles.TileRows"/>.</param>
    /// <param name="tiles">The block's <see cref="SignTiles.BlockBytes"/> bytes, all written.</param>
    /// <param name="zeros">Receives row * columns + column in the block of the zeros, ascending.</param>
    /// <param name="scratch">A buffer for latents that do not lie in one piece, grown as needed.</param>
    /// <param name="zeroCount">The number of zeros.</param>
    /// <returns>-1, or row * columns + column in the block of the first NaN.</returns>
    public int PackBlock(int firstRow, int rows, Span<byte> tiles, Span<int> zeros, ref byte[] scratch, out int zeroCount)
    {
        var columns = checked((int)Shape[1]);
        // fp64 is rounded to fp32 first, as everything that reads weights does.
        var bytes = latent.Type == ElementType.F64
            ? ReadSingles((long)firstRow * columns, rows * columns, ref scratch)
            : latent.View((long)firstRow * columns * latent.Type.Size(), rows * columns * latent.Type.Size(), ref scratch);
        return latent.Type switch
        {
            ElementType.F16 => SignBits.PackBlock(MemoryMarshal.Cast<byte, ushort>(bytes), SignRules.Half, plus, rows, columns, tiles, zeros, out zeroCount),
            ElementType.BF16 => SignBits.PackBlock(MemoryMarshal.Cast<byte, ushort>(bytes), throughHalf ? SignRules.BFloat16ThroughHalf : SignRules.BFloat16, plus, rows, columns, tiles, zeros, out zeroCount),
            ElementType.F32 or ElementType.F64 => SignBits.PackBlock(MemoryMarshal.Cast<byte, uint>(bytes), throughHalf ? SignRules.SingleThroughHalf : SignRules.Single, plus, rows, columns, tiles, zeros, out zeroCount),
            _ => throw new InvalidOperationException($"{latent.Type.Name()} is not a floating-point type"),
        };
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
            if (throughHalf && latent.Type != ElementType.F16)
                RoundToHalf(chunk);
            Signs(chunk, MemoryMarshal.Cast<byte, sbyte>(destination[..chunk.Length]));
            if (constantColumns is not null)
                OverrideColumns(offset, destination[..chunk.Length]);
            destination = destination[chunk.Length..];
            offset += chunk.Length;
        }
    }

    /// <inheritdoc/>
    public override bool IsSameStorage(Tensor other) =>
        ReferenceEquals(this, other)
        || (other is SignTensor sign && sign.throughHalf == throughHalf && sign.constantColumns is null && constantColumns is null && sign.latent.IsSameStorage(latent));

    private Span<byte> ReadSingles(long first, int count, ref byte[] scratch)
    {
        if (scratch.Length < count * sizeof(float))
            scratch = new byte[count * sizeof(float)];
        var bytes = scratch.AsSpan(0, count * sizeof(float));
        latent.ReadSingles(first, MemoryMarshal.Cast<byte, float>(bytes));
        return bytes;
    }

    /// <summary>The marked columns as words of tiles.</summary>
    private static uint[] PlusWords(bool[] columns)
    {
        var words = new uint[SignTiles.ColumnTiles(columns.Length)];
        for (var column = 0; column < columns.Length; column++)
            words[column / SignTiles.TileColumns] |= (columns[column] ? 1u : 0u) << (column % SignTiles.TileColumns);
        return words;
    }

    private static void RoundToHalf(Span<float> values)
    {
        for (var i = 0; i < values.Length; i++)
            values[i] = (float)(Half)values[i];
    }

    private static void Signs(ReadOnlySpan<float> values, Span<sbyte> signs)
    {
        var i = 0;
        for (; i <= values.Length - Vector512<sbyte>.Count; i += Vector512<sbyte>.Count)
        {
            if (TrySigns(values[i..], out var vector))
                vector.CopyTo(signs[i..]);
            else
                SignsScalar(values.Slice(i, Vector512<sbyte>.Count), signs[i..]);
        }

        SignsScalar(values[i..], signs[i..]);
    }

    private static void SignsScalar(ReadOnlySpan<float> values, Span<sbyte> signs)
    {
        for (var i = 0; i < values.Length; i++)
            signs[i] = float.IsNaN(values[i]) ? NotANumber : (sbyte)Math.Sign(values[i]);
    }

    /// <summary>64 signs at once; false where one of the values is NaN.</summary>
    private static bool TrySigns(ReadOnlySpan<float> values, out Vector512<sbyte> signs)
    {
        var (a, b, c, d) = (Vector512.Create(values), Vector512.Create(values[16..]), Vector512.Create(values[32..]), Vector512.Create(values[48..]));
        signs = Vector512.Narrow(Vector512.Narrow(Sign(a), Sign(b)), Vector512.Narrow(Sign(c), Sign(d)));
        return Vector512.EqualsAll(a, a) && Vector512.EqualsAll(b, b) && Vector512.EqualsAll(c, c) && Vector512.EqualsAll(d, d);
    }

    private static Vector512<int> Sign(Vector512<float> values) =>
        Vector512.LessThan(values, Vector512<float>.Zero).AsInt32() - Vector512.GreaterThan(values, Vector512<float>.Zero).AsInt32();

    private void OverrideColumns(long offset, Span<byte> signs)
    {
        var column = (int)(offset % Shape[1]);
        for (var i = 0; i < signs.Length; i++)
        {
            // A NaN stays what it is: it is named, not hidden behind a scale of 0.
            if (constantColumns![column] && (sbyte)signs[i] != NotANumber)
                signs[i] = 1;
            if (++column == constantColumns.Length)
                column = 0;
        }
    }
}
