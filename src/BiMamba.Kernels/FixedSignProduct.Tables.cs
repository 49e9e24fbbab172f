using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace BiMamba.Kernels;

/// <content>
/// Rounding to integers, and the tables of a chunk. A table has 16 partial sums of a group, entry n with + for the columns
/// whose bit in n is set. As words they lie by group and token, as <see cref="SignProduct.BuildTables"/> lays them out.
/// As bytes they lie by token, plane and group: 2^23 more than the sum has 24 bits, and plane p holds bits 6p to 6p + 5.
/// </content>
public static partial class FixedSignProduct
{
    internal const int Planes = 4;
    internal const int PlaneBits = 6;
    internal const int Bias = 1 << (MagnitudeBits + 2);

    // Added to a float below 2^22 and taken away again, it leaves the nearest integer, ties to even.
    private const float Rounder = 3 << 22;

    private static void BuildChunk(Rows x, ReadOnlySpan<float> scale, int chunk, Span<float> tables, Span<float> units)
    {
        Span<float> values = stackalloc float[ChunkColumns];
        var groups = Math.Min(ChunkTiles, SignTiles.ColumnTiles(x.Width) - (chunk * ChunkTiles)) * GroupsPerTile;
        for (var t = 0; t < x.Count; t++)
        {
            units[t] = Round(x[t], scale, chunk * ChunkColumns, values);
            if (LooksUpBytes)
                ByteTables(values, groups, MemoryMarshal.AsBytes(tables.Slice(t * groups * SignProduct.TableEntries, groups * SignProduct.TableEntries)));
            else
                WordTables(values, groups, MemoryMarshal.Cast<float, int>(tables)[(t * SignProduct.TableEntries)..], x.Count * SignProduct.TableEntries);
        }
    }

    /// <summary>The integers of a chunk as floats, 0 behind the last column, and what one of them is worth.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static float Round(ReadOnlySpan<float> x, ReadOnlySpan<float> scale, int column, Span<float> values)
    {
        var count = Math.Min(ChunkColumns, x.Length - column);
        if (scale.IsEmpty)
            x.Slice(column, count).CopyTo(values);
        else
            Elementwise.Multiply(x.Slice(column, count), scale.Slice(column, count), values[..count]);
        values[count..].Clear();
        ref var first = ref MemoryMarshal.GetReference(values);
        var most = Vector512<int>.Zero;
        for (nint i = 0; i < ChunkColumns; i += Lanes.Count)
            most = Vector512.Max(most, Lanes.Load(ref first, i).AsInt32() & Vector512.Create(int.MaxValue));
        var largest = 0;
        for (var i = 0; i < Lanes.Count; i++)
            largest = Math.Max(largest, most[i]);
        if (largest >= BitConverter.SingleToInt32Bits(float.PositiveInfinity))
            return float.NaN;

        // The exponent field of the largest is 126 more than the exponent of the power of two above it.
        var shift = Math.Min(MagnitudeBits + 126 - (largest >> 23), MostShift);
        var factor = Vector512.Create(PowerOfTwo(shift));
        var limit = Vector512.Create((float)Largest);
        for (nint i = 0; i < ChunkColumns; i += Lanes.Count)
        {
            var value = (Lanes.Load(ref first, i) * factor) + Vector512.Create(Rounder);
            value -= Vector512.Create(Rounder);
            Lanes.Store(Vector512.MinNative(Vector512.MaxNative(value, -limit), limit), ref first, i);
        }

        return PowerOfTwo(-shift);
    }

    /// <summary>The scalar form of <see cref="Round"/>, equal to it in every bit.</summary>
    internal static float RoundScalar(ReadOnlySpan<float> x, ReadOnlySpan<float> scale, int column, Span<float> values)
    {
        values.Clear();
        var largest = 0f;
        for (var i = 0; i < Math.Min(ChunkColumns, x.Length - column); i++)
        {
            values[i] = scale.IsEmpty ? x[column + i] : x[column + i] * scale[column + i];
            largest = Math.Max(largest, MathF.Abs(values[i]));
        }

        if (!float.IsFinite(largest))
            return float.NaN;
        var shift = largest < float.ScaleB(1f, MagnitudeBits - MostShift - 1) ? MostShift : MagnitudeBits - 1 - MathF.ILogB(largest);
        foreach (ref var value in values)
            value = Math.Clamp(MathF.Round(float.ScaleB(value, shift), MidpointRounding.ToEven), -Largest, Largest);
        return float.ScaleB(1f, -shift);
    }

    private static float PowerOfTwo(int exponent) => BitConverter.Int32BitsToSingle((exponent + 127) << 23);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void WordTables(ReadOnlySpan<float> values, int groups, Span<int> tables, nint stride)
    {
        var n = Vector512<int>.Indices;
        var (sign0, sign1, sign2, sign3) = (Signs(n, 0), Signs(n, 1), Signs(n, 2), Signs(n, 3));
        ref var x = ref MemoryMarshal.GetReference(values);
        ref var table = ref MemoryMarshal.GetReference(tables);
        for (var group = 0; group < groups; group++)
        {
            var sum = (sign0 * Vector512.Create(x)) + (sign1 * Vector512.Create(Unsafe.Add(ref x, 1)));
            sum += (sign2 * Vector512.Create(Unsafe.Add(ref x, 2))) + (sign3 * Vector512.Create(Unsafe.Add(ref x, 3)));
            Vector512.ConvertToInt32(sum).StoreUnsafe(ref table);
            x = ref Unsafe.Add(ref x, SignProduct.GroupColumns);
            table = ref Unsafe.Add(ref table, stride);
        }
    }

    /// <summary>+1 in the lanes whose index has a bit, otherwise -1.</summary>
    private static Vector512<float> Signs(Vector512<int> n, int bit) => Vector512.ConvertToSingle((Vector512.ShiftRightLogical(n, bit) & Vector512<int>.One) * 2) - Vector512<float>.One;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void ByteTables(ReadOnlySpan<float> values, int groups, Span<byte> tables)
    {
        ref var x = ref MemoryMarshal.GetReference(values);
        ref var table = ref MemoryMarshal.GetReference(tables);
        nint plane = groups * SignProduct.TableEntries;
        var sign0 = Vector256.Create(-1f, 1f, -1f, 1f, -1f, 1f, -1f, 1f);
        var sign1 = Vector256.Create(-1f, -1f, 1f, 1f, -1f, -1f, 1f, 1f);
        var sign2 = Vector256.Create(-1f, -1f, -1f, -1f, 1f, 1f, 1f, 1f);
        var byPlane = ByPlane;
        var entries = Vector256.Create(0, 4, 1, 5, 2, 6, 3, 7);
        for (var group = 0; group < groups; group++)
        {
            // All of these are integers below 2^24, so that no operation rounds.
            var sum = Vector256.FusedMultiplyAdd(sign0, Vector256.Create(x), Vector256.Create((float)Bias));
            sum = Vector256.FusedMultiplyAdd(sign1, Vector256.Create(Unsafe.Add(ref x, 1)), sum);
            sum = Vector256.FusedMultiplyAdd(sign2, Vector256.Create(Unsafe.Add(ref x, 2)), sum);
            var last = Vector256.Create(Unsafe.Add(ref x, 3));
            var low = Avx2.Shuffle(Digits(sum - last).AsByte(), byPlane).AsInt32();
            var high = Avx2.Shuffle(Digits(sum + last).AsByte(), byPlane).AsInt32();
            var first = Avx2.PermuteVar8x32(Avx2.UnpackLow(low, high), entries).AsByte();
            var second = Avx2.PermuteVar8x32(Avx2.UnpackHigh(low, high), entries).AsByte();
            first.GetLower().StoreUnsafe(ref table);
            first.GetUpper().StoreUnsafe(ref Unsafe.Add(ref table, plane));
            second.GetLower().StoreUnsafe(ref Unsafe.Add(ref table, 2 * plane));
            second.GetUpper().StoreUnsafe(ref Unsafe.Add(ref table, 3 * plane));
            x = ref Unsafe.Add(ref x, SignProduct.GroupColumns);
            table = ref Unsafe.Add(ref table, SignProduct.TableEntries);
        }
    }

    /// <summary>24 bits as four bytes of 6.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Digits(Vector256<float> value)
    {
        var bits = Avx.ConvertToVector256Int32WithTruncation(value);
        bits = (bits & Vector256.Create(0x0000_0FFF)) | ((bits & Vector256.Create(0x00FF_F000)) << 4);
        return (bits & Vector256.Create(0x003F_003F)) | ((bits & Vector256.Create(0x0FC0_0FC0)) << 2);
    }

    /// <summary>The bytes of four words, byte 0 of all first; a transposition.</summary>
    private static Vector256<byte> ByPlane
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Vector256.Create((byte)0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15, 0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
    }
}
