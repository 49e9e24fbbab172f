using System.Globalization;

namespace BiMamba.Formats.Spec;

/// <summary>One value of a file and where it lies.</summary>
public abstract class SpecNode
{
    /// <summary>The enclosing value, or null for the whole file.</summary>
    public SpecNode? Parent { get; internal init; }

    /// <summary>The field that holds the value, or null for an element of an array and the content of a union.</summary>
    public SpecField? Field { get; internal init; }

    /// <summary>The type.</summary>
    public required SpecType Type { get; init; }

    /// <summary>Index in an array, or -1.</summary>
    public int Index { get; internal init; } = -1;

    /// <summary>Bytes from the start of the file.</summary>
    public long Offset { get; internal set; }

    /// <summary>Bytes of the value.</summary>
    public long Size { get; internal set; }

    /// <summary>True once a constraint of the value was found broken: nothing is derived from it.</summary>
    public bool IsInvalid { get; internal set; }

    /// <summary>True where the reader did not find the end of the value: its size and its bytes are not known.</summary>
    public bool IsIncomplete { get; internal set; }

    /// <summary>The path from the file: <c>table.tensors[3].size</c>; empty for the file.</summary>
    public string Path
    {
        get
        {
            var parent = Parent?.Path ?? "";
            if (Index >= 0)
                return string.Create(CultureInfo.InvariantCulture, $"{parent}[{Index}]");
            if (Field is null)
                return parent;
            return parent.Length == 0 ? Field.Name : $"{parent}.{Field.Name}";
        }
    }

    /// <summary>The nearest record around a value, the value itself included.</summary>
    internal SpecRecordNode? EnclosingRecord
    {
        get
        {
            var node = this;
            while (node is not null and not SpecRecordNode)
                node = node.Parent;
            return (SpecRecordNode?)node;
        }
    }
}

/// <summary>An integer or a word of an enum.</summary>
public sealed class SpecIntegerNode : SpecNode
{
    /// <summary>The value; null until a writer has derived it.</summary>
    public Int128? Value { get; internal set; }

    /// <summary>The enum, or null for a plain integer.</summary>
    public SpecEnum? Enum { get; init; }

    /// <summary>The stored form.</summary>
    public required SpecType.Integer Storage { get; init; }

    /// <summary>The word of the enum, or null.</summary>
    public string? Word => Value is { } value ? Enum?.Find(value)?.Name : null;

    /// <summary>The value of a node that has passed its checks.</summary>
    public long Int64 => (long)(Value ?? throw new InvalidOperationException($"{Path} has no value"));
}

/// <summary>A floating-point number.</summary>
public sealed class SpecFloatNode : SpecNode
{
    /// <summary>The value.</summary>
    public double Value { get; internal set; }
}

/// <summary>A text.</summary>
public sealed class SpecTextNode : SpecNode
{
    /// <summary>The characters.</summary>
    public string Value { get; internal set; } = "";

    /// <summary>Bytes of the length prefix.</summary>
    public int PrefixSize { get; init; }
}

/// <summary>Bytes: in memory, or in the file that was read.</summary>
public sealed class SpecBytesNode : SpecNode
{
    private readonly SpecSource? source;
    private ReadOnlyMemory<byte>? memory;

    internal SpecBytesNode(SpecSource source) => this.source = source;

    internal SpecBytesNode(ReadOnlyMemory<byte>? memory) => this.memory = memory;

    /// <summary>True where there are bytes; a writer derives them late.</summary>
    public bool HasValue => source is not null || memory is not null;

    /// <summary>The bytes.</summary>
    public ReadOnlySpan<byte> Span =>
        source is not null ? source.Span(Offset, checked((int)Size)) : (memory ?? throw new InvalidOperationException($"{Path} has no value")).Span;

    internal void Derive(ReadOnlyMemory<byte> value) => memory = value;
}

/// <summary>Zero bytes.</summary>
public sealed class SpecZeroNode : SpecNode;

/// <summary>Bytes that are mapped and not read.</summary>
public sealed class SpecRegionNode : SpecNode;

/// <summary>The fields of a record.</summary>
public sealed class SpecRecordNode : SpecNode
{
    /// <summary>The record.</summary>
    public required SpecRecord Record { get; init; }

    /// <summary>Values in the order of the fields; null where a broken file gave none.</summary>
    public required SpecNode?[] Children { get; init; }

    /// <summary>The value of a field of a file that has passed its checks.</summary>
    public SpecNode this[string field] => Find(field) ?? throw new InvalidOperationException($"{Path} has no field '{field}'");

    /// <summary>The value of a field, or null.</summary>
    public SpecNode? Find(string field) => Record.IndexOf(field) is >= 0 and var index ? Children[index] : null;

    /// <summary>A record field.</summary>
    public SpecRecordNode RecordAt(string field) => (SpecRecordNode)this[field];

    /// <summary>Elements of an array field.</summary>
    public IReadOnlyList<SpecNode> Items(string field) => ((SpecArrayNode)this[field]).Items;

    /// <summary>An integer field.</summary>
    public long Integer(string field) => ((SpecIntegerNode)this[field]).Int64;

    /// <summary>The word of an enum field.</summary>
    public string Word(string field) => ((SpecIntegerNode)this[field]).Word ?? throw new InvalidOperationException($"{Path}.{field} has no word");

    /// <summary>A text field.</summary>
    public string Text(string field) => ((SpecTextNode)this[field]).Value;

    /// <summary>A field of bytes.</summary>
    public ReadOnlySpan<byte> Bytes(string field) => ((SpecBytesNode)this[field]).Span;
}

/// <summary>The elements of an array.</summary>
public sealed class SpecArrayNode : SpecNode
{
    /// <summary>The elements.</summary>
    public List<SpecNode> Items { get; } = [];
}

/// <summary>The tag and the content of a union.</summary>
public sealed class SpecUnionNode : SpecNode
{
    /// <summary>The alternative.</summary>
    public required SpecCase Case { get; init; }

    /// <summary>Bytes of the tag.</summary>
    public int TagSize { get; init; }

    /// <summary>The content; null where a broken file gave none.</summary>
    public SpecNode? Content { get; internal set; }
}
