using System.Runtime.Intrinsics;

namespace BiMamba.Kernels;

/// <summary>Finds what is no finite number: NaN and the infinities, whose exponent has all its bits.</summary>
public static class NotFinite
{
    private const uint Exponent = 0x7F800000;

    /// <summary>Index of the first value that is NaN or infinite; -1 where all are finite.</summary>
    public static int IndexOf(ReadOnlySpan<float> values)
    {
        var i = 0;
        var exponent = Vector512.Create(Exponent);
        while (i <= values.Length - Lanes.Count && !Vector512.EqualsAny(Vector512.Create(values[i..]).AsUInt32() & exponent, exponent))
            i += Lanes.Count;
        for (; i < values.Length; i++)
        {
            if (!float.IsFinite(values[i]))
                return i;
        }

        return -1;
    }
}
