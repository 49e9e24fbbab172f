using System.Runtime.CompilerServices;

namespace BiMamba.Toolchain;

/// <summary>What values of options may be: one that may not be is a bug of the caller.</summary>
internal static class Limits
{
    /// <summary>Most threads that can be asked for.</summary>
    public const int MaxThreads = 1024;

    /// <summary>Most windows that run side by side.</summary>
    public const int MaxBatch = 1024;

    /// <summary>Largest temperature.</summary>
    public const double MaxTemperature = 100;

    /// <summary>How many threads to use where some are asked for, or none.</summary>
    public static int Threads(int? wanted) => wanted ?? Math.Min(Environment.ProcessorCount, MaxThreads);

    /// <summary>The value where it is in a range.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is not.</exception>
    public static T InRange<T>(T value, T least, T most, [CallerMemberName] string name = "")
        where T : IComparable<T>
    {
        // A comparison puts NaN below all numbers.
        ArgumentOutOfRangeException.ThrowIfLessThan(value, least, name);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(value, most, name);
        return value;
    }

    /// <summary>The value where it is null or in a range.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is not.</exception>
    public static T? InRange<T>(T? value, T least, T most, [CallerMemberName] string name = "")
        where T : struct, IComparable<T> => value is { } given ? InRange(given, least, most, name) : null;

    /// <summary>The word where it is null or one of a small vocabulary.</summary>
    /// <exception cref="ArgumentException">It is not.</exception>
    public static string? OneOf(string? word, ReadOnlySpan<string> words, [CallerMemberName] string name = "") =>
        word is null || words.Contains(word) ? word : throw new ArgumentException($"expected one of {string.Join(", ", words.ToArray())}, found '{word}'", name);
}
