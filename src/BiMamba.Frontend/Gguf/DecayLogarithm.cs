using System.Runtime.InteropServices;
using BiMamba.Tensors;

namespace BiMamba.Frontend.Gguf;

/// <summary>
/// A_log of a decay A = -exp(A_log): the logarithm of -A, computed in double and rounded once, when it is read. Its type
/// is F32. Where A is not negative the result is no number, so callers check it first.
/// </summary>
/// <param name="decay">A, of a floating-point type.</param>
internal sealed class DecayLogarithm(Tensor decay) : Tensor(ElementType.F32, decay.Shape, decay)
{
    private const int Piece = 1024;

    /// <inheritdoc/>
    public override long StoredLength => decay.StoredLength;

    /// <inheritdoc/>
    public override void Read(long offset, Span<byte> destination)
    {
        CheckRange(offset, destination.Length);
        Span<float> piece = stackalloc float[Piece];
        while (destination.Length > 0)
        {
            var (index, within) = Math.DivRem(offset, sizeof(float));
            var values = piece[..(int)Math.Min(Piece, Shape.Count - index)];
            decay.ReadSingles(index, values);
            foreach (ref var value in values)
                value = (float)Math.Log(-(double)value);
            var bytes = MemoryMarshal.AsBytes(values)[(int)within..];
            var taken = Math.Min(bytes.Length, destination.Length);
            bytes[..taken].CopyTo(destination);
            destination = destination[taken..];
            offset += taken;
        }
    }

    /// <summary>The first element of a decay that is not negative and finite, or null.</summary>
    public static (long Index, float Value)? FindBroken(Tensor decay)
    {
        Span<float> piece = stackalloc float[Piece];
        for (long index = 0; index < decay.Shape.Count; index += Piece)
        {
            var values = piece[..(int)Math.Min(Piece, decay.Shape.Count - index)];
            decay.ReadSingles(index, values);
            for (var i = 0; i < values.Length; i++)
            {
                if (!(values[i] < 0) || !float.IsFinite(values[i]))
                    return (index + i, values[i]);
            }
        }

        return null;
    }
}
