using System.Globalization;

namespace BiMamba.Runtime.Memory;

/// <summary>Lengths of arrays that shapes from files ask for.</summary>
internal static class Elements
{
    /// <summary>A number of elements that one array can hold.</summary>
    /// <exception cref="InsufficientMemoryException">It cannot: no machine has the memory that the shapes of a file ask for.</exception>
    public static int Count(Int128 length, string what)
    {
        if (length <= Array.MaxLength)
            return (int)length;
#pragma warning disable MA0012 // It is what an allocation of this size would throw.
        throw new InsufficientMemoryException(string.Create(CultureInfo.InvariantCulture, $"{what}: expected at most {Array.MaxLength} elements, found {length}"));
#pragma warning restore MA0012
    }
}
