using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.Unicode;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;

namespace BiMamba.Formats.Spec;

/// <summary>
/// Reads a file by its spec. Regions are not read. Every constraint is checked; errors are collected, and what follows
/// a broken section is read all the same. Counts are bounded by the bytes that are left before anything is allocated.
/// </summary>
public sealed class SpecReader
{
    private readonly SpecSource source;
    private readonly SpecTree tree;
    private readonly SpecValidator validator;
    private long position;

    // Set where the position of the next field is unknown: the reason has been reported.
    private bool lost;

    private SpecReader(SpecFormat format, SpecSource source, DiagnosticBag diagnostics)
    {
        this.source = source;
        tree = new SpecTree(format, source.Name, source) { Total = source.Length };
        validator = new SpecValidator(tree, diagnostics);
    }

    /// <summary>
    /// The values of a file. After an error the tree is incomplete: values may be missing or broken.
    /// </summary>
    public static SpecTree Read(SpecFormat format, SpecSource source, DiagnosticBag diagnostics)
    {
        var reader = new SpecReader(format, source, diagnostics);
        reader.ReadFile();
        return reader.tree;
    }

    private void ReadFile()
    {
        ReadFields(tree.Root, source.Length);
        tree.Root.Size = position;
        if (!validator.HasStopped)
        {
            if (!lost && position < source.Length)
                validator.ReportAt(BimbDiagnostics.TrailingBytes, "", position, Text($"expected the end of the file, found {source.Length - position} more bytes"));
            validator.Finish();
        }

        if (lost && validator.Errors == 0)
            throw new InvalidOperationException($"the spec {tree.Format.Name} derives a size from something that is read later");
    }

    private void ReadFields(SpecRecordNode record, long end)
    {
        for (var i = 0; i < record.Record.Fields.Length && !validator.HasStopped; i++)
        {
            var field = record.Record.Fields[i];
            if (field.Section is not null)
                ReadSection(record, i, end);
            else if (!lost)
                ReadField(record, i, end);
        }
    }

    private void ReadField(SpecRecordNode record, int index, long end)
    {
        var field = record.Record.Fields[index];
        var node = ReadValue(field.Type, record, field, -1, end, child => record.Children[index] = child);
        if (node is not null && !validator.HasStopped)
            validator.Check(node);
    }

    private void ReadSection(SpecRecordNode record, int index, long end)
    {
        var field = record.Record.Fields[index];
        var scope = new SpecScope(record, null, null, position, end);
        if (validator.Evaluator.Find(field.Section!, scope) is not SpecRecordNode section
            || Usable(section, "offset") is not { } offset || Usable(section, "size") is not { } size || section.Find("sha256") is not SpecBytesNode hash)
        {
            lost = true;
            return;
        }

        // A section that follows a broken one is found by its row; otherwise the row must agree with the position.
        if (lost)
        {
            if (offset < position || offset > end)
                return;
            position = (long)offset;
            lost = false;
        }

        if (size > end - position)
        {
            validator.Report(BimbDiagnostics.Truncated, section["size"], Text($"expected at most {end - position} bytes up to the end of the file, found {size}"));
            lost = true;
            return;
        }

        var limit = position + (long)size;
        var actual = SpecTree.Sha256(source, position, (long)size);
        if (hash.Span.SequenceEqual(actual))
        {
            ReadField(record, index, limit);
            if (record.Children[index] is { } read && position == limit)
                tree.Remember(read, actual);
            if (!lost && position != limit)
                validator.ReportAt(BimbDiagnostics.TrailingBytes, field.Name, position, Text($"expected the end of the section, found {limit - position} more bytes"));
        }
        else
        {
            validator.Report(BimbDiagnostics.SectionHash, hash, $"expected {Convert.ToHexStringLower(hash.Span)}, found {Convert.ToHexStringLower(actual)} of section {field.Name}", SpecClasses.Find("hash")!.Hint);
        }

        position = limit;
        lost = false;
    }

    private static Int128? Usable(SpecRecordNode section, string field) =>
        section.Find(field) is SpecIntegerNode { IsInvalid: false } node ? node.Value : null;

    private SpecNode? ReadValue(SpecType type, SpecNode parent, SpecField? field, int index, long end, Action<SpecNode> attach)
    {
        switch (type)
        {
            case SpecType.Integer integer:
                return Attach(ReadInteger(type, integer, null, parent, field, index, end), attach);
            case SpecType.Floating floating:
                return Attach(ReadFloat(floating, parent, field, index, end), attach);
            case SpecType.Text text:
                return Attach(ReadText(text, parent, field, index, end), attach);
            case SpecType.Bytes or SpecType.Utf8 or SpecType.Zero or SpecType.Region:
                return Attach(ReadRange(type, parent, field, index, end), attach);
            case SpecType.Array array:
                return ReadArray(array, parent, field, index, end, attach);
            case SpecType.Named named:
                return ReadNamed(named, parent, field, index, end, attach);
            default:
                throw new InvalidOperationException($"unknown type {type}");
        }
    }

    private static SpecNode? Attach(SpecNode? node, Action<SpecNode> attach)
    {
        if (node is not null)
            attach(node);
        return node;
    }

    private SpecNode? ReadNamed(SpecType.Named named, SpecNode parent, SpecField? field, int index, long end, Action<SpecNode> attach)
    {
        if (named.Definition is SpecEnum words)
            return Attach(ReadInteger(named, words.Storage, words, parent, field, index, end), attach);
        var offset = position;
        if (named.Definition is SpecRecord record)
        {
            var node = (SpecRecordNode)SpecLayout.NewRecord(record, named, parent, field, index);
            node.Offset = offset;
            attach(node);
            ReadFields(node, end);
            node.Size = position - offset;
            return lost ? null : node;
        }

        return ReadUnion((SpecUnion)named.Definition!, named, parent, field, index, end, attach);
    }

    private SpecUnionNode? ReadUnion(SpecUnion union, SpecType type, SpecNode parent, SpecField? field, int index, long end, Action<SpecNode> attach)
    {
        var offset = position;
        if (!Take(union.Storage.Size, end, parent, field, index))
            return null;
        var tag = Unsigned(source.Span(offset, union.Storage.Size));
        if (union.Cases.FirstOrDefault(item => item.Tag == tag) is not { } selected)
        {
            var known = string.Join(", ", union.Cases.Select(item => Text($"{item.Name} {item.Tag}")));
            validator.ReportAt(SpecClasses.RowOfUnknown(union.Class), PathOf(parent, field, index), offset, Text($"expected one of the {union.Name} tags {known}, found {tag}"), SpecClasses.Find(union.Class)?.Hint);
            lost = true;
            return null;
        }

        var node = new SpecUnionNode { Case = selected, TagSize = union.Storage.Size, Type = type, Parent = parent, Field = field, Index = index, Offset = offset };
        attach(node);
        var content = ReadValue(selected.Type, node, null, -1, end, child => node.Content = child);
        node.Size = position - offset;
        if (content is not null)
            validator.Check(content);
        return lost ? null : node;
    }

    private SpecArrayNode? ReadArray(SpecType.Array array, SpecNode parent, SpecField? field, int index, long end, Action<SpecNode> attach)
    {
        var node = new SpecArrayNode { Type = array, Parent = parent, Field = field, Index = index, Offset = position };
        Int128 count;
        if (array.Prefix is { } prefix)
        {
            if (!Take(prefix.Size, end, parent, field, index))
                return null;
            count = Unsigned(source.Span(node.Offset, prefix.Size));
        }
        else if (validator.Evaluator.EvaluateInteger(array.Count!, new SpecScope(parent.EnclosingRecord!, null, null, position, end), out count) != SpecOutcome.Value)
        {
            lost = true;
            return null;
        }

        var least = array.LeastElement;
        if (count < 0 || count * least > end - position)
        {
            validator.ReportAt(BimbDiagnostics.Truncated, PathOf(parent, field, index), node.Offset, Text($"expected {count} elements of at least {least} bytes, found {end - position} bytes"), SpecClasses.Find("truncated")!.Hint);
            lost = true;
            return null;
        }

        attach(node);
        for (var i = 0; i < (long)count && !lost && !validator.HasStopped; i++)
        {
            var item = ReadValue(array.Element, node, null, i, end, node.Items.Add);
            if (item is not null)
                validator.Check(item);
        }

        node.Size = position - node.Offset;
        return lost ? null : node;
    }

    private SpecIntegerNode? ReadInteger(SpecType type, SpecType.Integer storage, SpecEnum? words, SpecNode parent, SpecField? field, int index, long end)
    {
        var offset = position;
        if (!Take(storage.Size, end, parent, field, index))
            return null;
        var node = SpecLayout.NewInteger(type, storage, words, parent, field, index);
        node.Offset = offset;
        node.Size = storage.Size;
        var value = Unsigned(source.Span(offset, storage.Size));
        node.Value = storage.IsSigned && value > SpecLayout.Range(storage).Most ? value - (Int128.One << (8 * storage.Size)) : value;
        return node;
    }

    private SpecFloatNode? ReadFloat(SpecType.Floating type, SpecNode parent, SpecField? field, int index, long end)
    {
        var offset = position;
        if (!Take(type.Size, end, parent, field, index))
            return null;
        var bytes = source.Span(offset, type.Size);
        var value = type.Size == 4 ? BinaryPrimitives.ReadSingleLittleEndian(bytes) : BinaryPrimitives.ReadDoubleLittleEndian(bytes);
        return new SpecFloatNode { Type = type, Parent = parent, Field = field, Index = index, Offset = offset, Size = type.Size, Value = value };
    }

    private SpecTextNode? ReadText(SpecType.Text type, SpecNode parent, SpecField? field, int index, long end)
    {
        var offset = position;
        var prefix = type.Prefix.Size;
        if (!Take(prefix, end, parent, field, index))
            return null;
        var length = Unsigned(source.Span(offset, prefix));
        if (!Take(length, end, parent, field, index))
            return null;
        return Decode(type, prefix, offset, parent, field, index);
    }

    private SpecTextNode Decode(SpecType type, int prefix, long offset, SpecNode parent, SpecField? field, int index)
    {
        var node = new SpecTextNode { Type = type, PrefixSize = prefix, Parent = parent, Field = field, Index = index, Offset = offset, Size = position - offset };
        var bytes = source.Span(offset + prefix, (int)(position - offset - prefix));
        if (Utf8.IsValid(bytes))
            node.Value = Encoding.UTF8.GetString(bytes);
        else
            validator.Report(BimbDiagnostics.NotUtf8, node, "expected UTF-8, found other bytes");
        return node;
    }

    private SpecNode? ReadRange(SpecType type, SpecNode parent, SpecField? field, int index, long end)
    {
        var offset = position;
        var expression = type switch
        {
            SpecType.Bytes bytes => bytes.Length,
            SpecType.Utf8 utf8 => utf8.Length,
            SpecType.Zero zero => zero.Length,
            SpecType.Region region => region.Length,
            _ => throw new InvalidOperationException($"{type} is no range"),
        };
        if (validator.Evaluator.EvaluateInteger(expression, new SpecScope(parent.EnclosingRecord!, null, null, position, end), out var length) != SpecOutcome.Value)
        {
            lost = true;
            return null;
        }

        if (!Take(length, end, parent, field, index))
            return null;
        switch (type)
        {
            case SpecType.Utf8:
                return Decode(type, 0, offset, parent, field, index);
            case SpecType.Bytes:
                return new SpecBytesNode(source) { Type = type, Parent = parent, Field = field, Index = index, Offset = offset, Size = (long)length };
            case SpecType.Region:
                return new SpecRegionNode { Type = type, Parent = parent, Field = field, Index = index, Offset = offset, Size = (long)length };
        }

        var padding = new SpecZeroNode { Type = type, Parent = parent, Field = field, Index = index, Offset = offset, Size = (long)length };
        CheckZero(padding);
        return padding;
    }

    private void CheckZero(SpecZeroNode node)
    {
        var bad = source.Span(node.Offset, (int)node.Size).IndexOfAnyExcept((byte)0);
        if (bad >= 0)
            validator.Report(BimbDiagnostics.Padding, node, Text($"expected zero bytes, found 0x{source.Span(node.Offset + bad, 1)[0]:X2}"), offset: node.Offset + bad);
    }

    /// <summary>Moves over bytes; false where they are not there.</summary>
    private bool Take(Int128 length, long end, SpecNode parent, SpecField? field, int index)
    {
        // Only a region may be longer than what one span can hold.
        var most = field?.Type is SpecType.Region ? end - position : Math.Min(end - position, int.MaxValue / 2);
        if (length >= 0 && length <= most)
        {
            position += (long)length;
            return true;
        }

        validator.ReportAt(BimbDiagnostics.Truncated, PathOf(parent, field, index), position, Text($"expected {length} bytes, found {end - position} up to the end of the section or file"), SpecClasses.Find("truncated")!.Hint);
        lost = true;
        return false;
    }

    private static Int128 Unsigned(ReadOnlySpan<byte> bytes) => bytes.Length switch
    {
        1 => bytes[0],
        2 => BinaryPrimitives.ReadUInt16LittleEndian(bytes),
        4 => BinaryPrimitives.ReadUInt32LittleEndian(bytes),
        _ => BinaryPrimitives.ReadUInt64LittleEndian(bytes),
    };

    private static string PathOf(SpecNode parent, SpecField? field, int index) =>
        new SpecZeroNode { Type = parent.Type, Parent = parent, Field = field, Index = index }.Path;

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
