using System.Runtime.CompilerServices;

namespace BiMamba.Kernels;

/// <summary>The checks a kernel makes once on entry. A failure is a bug of the caller, hence an exception.</summary>
internal static class Guard
{
    public static void Layout(long length, int count, int width, int stride)
    {
        if (count < 0 || width < 0 || stride < width || (count > 0 && ((count - 1) * (long)stride) + width > length))
            throw new ArgumentException($"{count} rows of {width} at stride {stride} do not lie in {length} elements");
    }

    public static void Equal(
        long actual, long expected, [CallerArgumentExpression(nameof(actual))] string name = "")
    {
        if (actual != expected)
            throw new ArgumentException($"{name}: expected {expected}, found {actual}", name);
    }

    public static void EmptyOr(
        long actual, long expected, [CallerArgumentExpression(nameof(actual))] string name = "")
    {
        if (actual != 0)
            Equal(actual, expected, name);
    }

    public static void AtLeast(
        long actual, long minimum, [CallerArgumentExpression(nameof(actual))] string name = "")
    {
        if (actual < minimum)
            throw new ArgumentException($"{name}: expected at least {minimum}, found {actual}", name);
    }

    public static void Range(int first, int count, int length, [CallerArgumentExpression(nameof(first))] string name = "")
    {
        if (first < 0 || count < 0 || (long)first + count > length)
            throw new ArgumentException($"{name}: {count} from {first} exceed {length}", name);
    }
}
