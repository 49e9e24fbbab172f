using System.Globalization;

namespace BiMamba.CommandLine.Models;

/// <summary>Sizes on the command line: <c>512M</c>, <c>2G</c>, <c>1.5GiB</c>; units are powers of 1024.</summary>
internal static class MemoryLimit
{
    /// <summary>The bytes of a size, or null where it is none.</summary>
    public static long? Parse(string? text)
    {
        if (text is null)
            return null;
        var upper = text.Trim().ToUpperInvariant();
        foreach (var (unit, shift) in (ReadOnlySpan<(string, int)>)[("GIB", 30), ("GB", 30), ("G", 30), ("MIB", 20), ("MB", 20), ("M", 20), ("KIB", 10), ("KB", 10), ("K", 10), ("B", 0), ("", 0)])
        {
            if (!upper.EndsWith(unit, StringComparison.Ordinal))
                continue;
            return double.TryParse(upper[..^unit.Length], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value) && value * (1L << shift) is >= 1 and < long.MaxValue and var bytes
                ? (long)bytes
                : null;
        }

        return null;
    }
}
