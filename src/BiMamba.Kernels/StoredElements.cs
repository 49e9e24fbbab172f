using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace BiMamba.Kernels;

/// <summary>
/// Reads the elements of a stored row as f32, all forms equal in every bit. The 16-column forms take columns that are
/// multiples of 16, all in one group of the row.
/// </summary>
internal interface IStoredElements
{
    /// <summary>The bits of an element.</summary>
    static abstract int Bits { get; }

    /// <summary>One element.</summary>
    static abstract float Load(ref byte row, nint column, float scale);

    /// <summary>16 columns: the first 8 returned, the others in <paramref name="high"/>.</summary>
    static abstract Vector256<float> Load(ref byte row, nint column, float scale, out Vector256<float> high);

    /// <summary>AVX-512: what <see cref="Load(ref byte, nint, Vector512{float})"/> needs of a scale.</summary>
    static virtual Vector512<float> Context(float scale) => default;

    /// <summary>AVX-512: 16 columns, in the order of <see cref="Arrange"/>.</summary>
    static abstract Vector512<float> Load(ref byte row, nint column, Vector512<float> context);

    /// <summary>AVX-512: activations in the order in which the elements are loaded.</summary>
    static virtual Vector512<float> Arrange(Vector512<float> x) => x;

    /// <summary>AVX-512: the reverse of <see cref="Arrange"/>.</summary>
    static virtual Vector512<float> Restore(Vector512<float> sums) => sums;
}

/// <summary>IEEE 754 binary32.</summary>
internal readonly struct SingleElements : IStoredElements
{
    public static int Bits => 32;

    public static float Load(ref byte row, nint column, float scale) =>
        Unsafe.ReadUnaligned<float>(ref Unsafe.Add(ref row, column * sizeof(float)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Load(ref byte row, nint column, float scale, out Vector256<float> high)
    {
        ref var source = ref Unsafe.Add(ref row, column * sizeof(float));
        high = Vector256.LoadUnsafe(ref source, 32).AsSingle();
        return Vector256.LoadUnsafe(ref source).AsSingle();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Load(ref byte row, nint column, Vector512<float> context) =>
        Vector512.LoadUnsafe(ref Unsafe.Add(ref row, column * sizeof(float))).AsSingle();
}

/// <summary>bfloat16.</summary>
internal readonly struct BFloatElements : IStoredElements
{
    public static int Bits => 16;

    public static float Load(ref byte row, nint column, float scale) =>
        QuantizedRows.Widen(Unsafe.ReadUnaligned<ushort>(ref Unsafe.Add(ref row, column * sizeof(ushort))));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Load(ref byte row, nint column, float scale, out Vector256<float> high)
    {
        ref var words = ref Unsafe.Add(ref row, column * sizeof(ushort));
        high = (Lanes.Widen(Vector128.LoadUnsafe(ref words, 16).AsInt16()) << 16).AsSingle();
        return (Lanes.Widen(Vector128.LoadUnsafe(ref words).AsInt16()) << 16).AsSingle();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Load(ref byte row, nint column, Vector512<float> context)
    {
        var words = Vector256.LoadUnsafe(ref Unsafe.Add(ref row, column * sizeof(ushort))).AsUInt16();
        return (Avx512F.ConvertToVector512Int32(words) << 16).AsSingle();
    }
}

/// <summary>
/// IEEE 754 binary16. The 15 bits of the magnitude go under exponent 224 = 255 - 31, so that infinity and NaN are what
/// they were and the rest, n, is 2^112 too large; a subnormal has got a leading one too much. Normal numbers are
/// n 2^-112, subnormal ones 2 n 2^-112 - 2^-14, and the smaller of the two is always the right one. No step has a
/// subnormal operand or result, which processors are slow with.
/// </summary>
internal readonly struct HalfElements : IStoredElements
{
    private const int Magnitude = 0x0FFFFFFF;
    private const int Exponent = 224 << 23;
    private const float Normal = 1f / (1L << 56) / (1L << 56);
    private const float Leading = 1f / (1 << 14);

    public static int Bits => 16;

    public static float Load(ref byte row, nint column, float scale) =>
        (float)Unsafe.ReadUnaligned<Half>(ref Unsafe.Add(ref row, column * sizeof(ushort)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Load(ref byte row, nint column, float scale, out Vector256<float> high)
    {
        ref var words = ref Unsafe.Add(ref row, column * sizeof(ushort));
        high = Widen(Lanes.Widen(Vector128.LoadUnsafe(ref words, 16).AsInt16()));
        return Widen(Lanes.Widen(Vector128.LoadUnsafe(ref words).AsInt16()));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Load(ref byte row, nint column, Vector512<float> context)
    {
        // Ternary logic 0xEA: (a & b) | c.
        var words = Vector256.LoadUnsafe(ref Unsafe.Add(ref row, column * sizeof(ushort))).AsInt16();
        var bits = Avx512F.ConvertToVector512Int32(words) << 13;
        var large = Avx512F.TernaryLogic(bits, Vector512.Create(Magnitude), Vector512.Create(Exponent), 0xEA).AsSingle();
        var subnormal = Avx512F.FusedMultiplyAdd(large, Vector512.Create(2 * Normal), Vector512.Create(-Leading));
        var magnitude = Avx512F.Min(large * Vector512.Create(Normal), subnormal);
        return Avx512F.TernaryLogic(bits, Vector512.Create(int.MinValue), magnitude.AsInt32(), 0xEA).AsSingle();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Widen(Vector256<int> words)
    {
        var bits = words << 13;
        var large = ((bits & Vector256.Create(Magnitude)) | Vector256.Create(Exponent)).AsSingle();
        var subnormal = Vector256.FusedMultiplyAdd(large, Vector256.Create(2 * Normal), Vector256.Create(-Leading));
        var magnitude = Vector256.MinNative(large * Vector256.Create(Normal), subnormal);
        return ((bits & Vector256.Create(int.MinValue)) | magnitude.AsInt32()).AsSingle();
    }
}

/// <summary>8-bit codes.</summary>
internal readonly struct ByteElements : IStoredElements
{
    public static int Bits => 8;

    public static float Load(ref byte row, nint column, float scale) => (sbyte)Unsafe.Add(ref row, column) * scale;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Load(ref byte row, nint column, float scale, out Vector256<float> high) =>
        Scaled(Vector128.LoadUnsafe(ref Unsafe.Add(ref row, column)).AsSByte(), scale, out high);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Context(float scale) => Vector512.Create(scale);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Load(ref byte row, nint column, Vector512<float> context)
    {
        var codes = Vector128.LoadUnsafe(ref Unsafe.Add(ref row, column)).AsSByte();
        return Avx512F.ConvertToVector512Single(Avx512F.ConvertToVector512Int32(codes)) * context;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Scaled(Vector128<sbyte> codes, float scale, out Vector256<float> high)
    {
        var (first, second) = Vector128.Widen(codes);
        var scales = Vector256.Create(scale);
        high = Vector256.ConvertToSingle(Vector256.Create(Vector128.WidenLower(second), Vector128.WidenUpper(second))) * scales;
        return Vector256.ConvertToSingle(Vector256.Create(Vector128.WidenLower(first), Vector128.WidenUpper(first))) * scales;
    }
}

/// <summary>
/// 4-bit codes. On AVX-512 a table of the 16 products is looked up by a permute, which reads only the low 4 bits of a
/// lane. 8 bytes are put into each pair of lanes and shifted, so even lanes get columns 0 to 7 and odd lanes 8 to 15.
/// </summary>
internal readonly struct NibbleElements : IStoredElements
{
    public static int Bits => 4;

    public static float Load(ref byte row, nint column, float scale) => QuantizedRows.Code(ref row, (int)column, 4) * scale;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Load(ref byte row, nint column, float scale, out Vector256<float> high) =>
        ByteElements.Scaled(QuantizedRows.Nibbles(ref Unsafe.Add(ref row, column / 2)), scale, out high);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Context(float scale) =>
        Vector512.Create(0f, 1f, 2f, 3f, 4f, 5f, 6f, 7f, -8f, -7f, -6f, -5f, -4f, -3f, -2f, -1f) * Vector512.Create(scale);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Load(ref byte row, nint column, Vector512<float> context)
    {
        var packed = Vector512.Create(Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref row, column >>> 1)));
        var nibbles = Avx512F.ShiftRightLogicalVariable(packed, Vector512.Create(0UL, 4, 8, 12, 16, 20, 24, 28));
        return Avx512F.PermuteVar16x32(context, nibbles.AsInt32());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Arrange(Vector512<float> x) =>
        Avx512F.PermuteVar16x32(x, Vector512.Create(0, 8, 1, 9, 2, 10, 3, 11, 4, 12, 5, 13, 6, 14, 7, 15));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Restore(Vector512<float> sums) =>
        Avx512F.PermuteVar16x32(sums, Vector512.Create(0, 2, 4, 6, 8, 10, 12, 14, 1, 3, 5, 7, 9, 11, 13, 15));
}
