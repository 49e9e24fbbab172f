using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace BiMamba.Kernels;

/// <summary>bfloat16, the upper half of an f32, to and from f32: rounding is to nearest, ties to even, and a NaN stays one.</summary>
internal static class BFloat16
{
    private const uint QuietNaN = 0x00400000;

    /// <summary>The f32 of a bfloat16, exactly.</summary>
    public static float Widen(ushort value) => BitConverter.UInt32BitsToSingle((uint)value << 16);

    /// <summary>The nearest bfloat16.</summary>
    public static ushort Narrow(float value)
    {
        var bits = BitConverter.SingleToUInt32Bits(value);
        var rounded = bits + 0x7FFF + ((bits >> 16) & 1);
        return (ushort)((float.IsNaN(value) ? bits | QuietNaN : rounded) >> 16);
    }

    /// <summary>Widens all elements.</summary>
    public static void Widen(ReadOnlySpan<ushort> source, Span<float> target)
    {
        Guard.Equal(target.Length, source.Length);
        ref var from = ref MemoryMarshal.GetReference(source);
        ref var to = ref MemoryMarshal.GetReference(target);
        nint i = 0;
        if (Vector128.IsHardwareAccelerated)
        {
            for (; i <= source.Length - (2 * Lanes.Count); i += 2 * Lanes.Count)
            {
                var (low, high) = Vector512.Widen(Vector512.LoadUnsafe(ref from, (nuint)i));
                Lanes.Store(Vector512.ShiftLeft(low, 16).AsSingle(), ref to, i);
                Lanes.Store(Vector512.ShiftLeft(high, 16).AsSingle(), ref to, i + Lanes.Count);
            }
        }

        for (; i < source.Length; i++)
            Unsafe.Add(ref to, i) = Widen(Unsafe.Add(ref from, i));
    }

    /// <summary>Narrows all elements.</summary>
    public static void Narrow(ReadOnlySpan<float> source, Span<ushort> target)
    {
        Guard.Equal(target.Length, source.Length);
        ref var from = ref MemoryMarshal.GetReference(source);
        ref var to = ref MemoryMarshal.GetReference(target);
        nint i = 0;
        if (Vector128.IsHardwareAccelerated)
        {
            for (; i <= source.Length - (2 * Lanes.Count); i += 2 * Lanes.Count)
            {
                var (low, high) = (Round(Lanes.Load(ref from, i)), Round(Lanes.Load(ref from, i + Lanes.Count)));
                Vector512.Narrow(low, high).StoreUnsafe(ref to, (nuint)i);
            }
        }

        for (; i < source.Length; i++)
            Unsafe.Add(ref to, i) = Narrow(Unsafe.Add(ref from, i));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<uint> Round(Vector512<float> value)
    {
        var bits = value.AsUInt32();
        var odd = Vector512.ShiftRightLogical(bits, 16) & Vector512<uint>.One;
        var rounded = bits + Vector512.Create(0x7FFFu) + odd;
        var number = Vector512.Equals(value, value).AsUInt32();
        return Vector512.ShiftRightLogical(
            Vector512.ConditionalSelect(number, rounded, bits | Vector512.Create(QuietNaN)), 16);
    }
}
