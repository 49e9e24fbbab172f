using System.Globalization;
using System.Text;

namespace BiMamba.Diagnostics;

/// <summary>Where a diagnostic points: a file, and in it a tensor, a field, a byte offset or a line and column.</summary>
/// <param name="File">Path as the user gave it, or the name of a text such as <c>pipeline</c>.</param>
/// <param name="Tensor">Tensor or resource name.</param>
/// <param name="Field">Path of a field, such as <c>tensors[3].size</c> or a configuration key.</param>
/// <param name="Offset">Byte offset from the start of the file.</param>
/// <param name="Line">Line, from 1.</param>
/// <param name="Column">Column in UTF-16 units, from 1.</param>
public sealed record Place(
    string? File = null,
    string? Tensor = null,
    string? Field = null,
    long? Offset = null,
    int? Line = null,
    int? Column = null)
{
    /// <summary>No place is known.</summary>
    public static Place None { get; } = new();

    /// <summary>A whole file.</summary>
    public static Place OfFile(string file) => new(file);

    /// <summary>The place as it stands before a message: <c>file:line:col: tensor 'x': field @0x10</c>.</summary>
    public override string ToString()
    {
        var text = new StringBuilder(File);
        if (Line is { } line)
            text.Append(CultureInfo.InvariantCulture, $":{line}:{Column ?? 1}");
        if (Tensor is not null)
            text.Append(text.Length > 0 ? ": " : "").Append(CultureInfo.InvariantCulture, $"tensor '{Tensor}'");
        if (Field is not null)
            text.Append(text.Length > 0 ? ": " : "").Append(Field);
        if (Offset is { } offset)
            text.Append(text.Length > 0 ? " " : "").Append(CultureInfo.InvariantCulture, $"@0x{offset:X}");
        return text.ToString();
    }
}
