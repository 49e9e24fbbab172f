using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;

namespace BiMamba.Formats.Spec;

/// <summary>
/// Reads a file by its spec. Regions are not read. Every constraint is checked; errors are collected, and what follows
/// a broken section is read all the same. Counts are bounded by the bytes that are left before anything is allocated.
/// </summary>
public sealed partial class SpecReader
{
    /// <summary>Most values that are kept unless a caller says otherwise: several times those of the largest vocabularies.</summary>
    public const int MaxValues = 1 << 22;

    private readonly SpecSource source;
    private readonly SpecTree tree;
    private readonly SpecValidator validator;
    private readonly int maxValues;
    private long budget;
    private long position;

    // Set where the position of the next field is unknown: the reason has been reported.
    private bool lost;

    private SpecReader(SpecFormat format, SpecSource source, DiagnosticBag diagnostics, int maxValues)
    {
        budget = this.maxValues = maxValues;
        this.source = source;
        tree = new SpecTree(format, source.Name, source) { Total = source.Length };
        validator = new SpecValidator(tree, diagnostics, "the file is damaged or was written wrongly: copy or convert it again");
    }

    /// <summary>
    /// The values of a file. After an error the tree is incomplete: values may be missing or broken.
    /// </summary>
    /// <param name="format">The spec.</param>
    /// <param name="source">The bytes.</param>
    /// <param name="diagnostics">Receives errors.</param>
    /// <param name="maxValues">Most values that are kept; a value takes some hundred bytes of memory.</param>
    public static SpecTree Read(SpecFormat format, SpecSource source, DiagnosticBag diagnostics, int maxValues = MaxValues)
    {
        var reader = new SpecReader(format, source, diagnostics, maxValues);
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
            validator.Report(BimbDiagnostics.Truncated, section["size"], Text($"expected at most {end - position} bytes up to the end of the file, found {size}"), SpecClasses.Find("truncated")!.Hint);
            lost = true;
            return;
        }

        var limit = position + (long)size;
        var actual = SpecTree.Sha256(source, position, (long)size);
        if (hash.Span.SequenceEqual(actual))
            ReadContent(record, index, limit, actual);
        else
            validator.Report(BimbDiagnostics.SectionHash, hash, $"expected {Convert.ToHexStringLower(hash.Span)}, found {Convert.ToHexStringLower(actual)} of section {field.Name}", SpecClasses.Find("hash")!.Hint);
        position = limit;
        lost = false;
    }

    private void ReadContent(SpecRecordNode record, int index, long limit, byte[] hash)
    {
        ReadField(record, index, limit);
        if (record.Children[index] is { } read)
        {
            // What does not fill its section has not the size and the bytes that the section table speaks of.
            read.IsIncomplete |= position != limit;
            if (!read.IsIncomplete)
                tree.Remember(read, hash);
        }

        if (!lost && position != limit)
            validator.ReportAt(BimbDiagnostics.TrailingBytes, record.Record.Fields[index].Name, position, Text($"expected the end of the section, found {limit - position} more bytes"));
    }

    private static Int128? Usable(SpecRecordNode section, string field) =>
        section.Find(field) is SpecIntegerNode { IsInvalid: false } node ? node.Value : null;

    private SpecNode? ReadValue(SpecType type, SpecNode parent, SpecField? field, int index, long end, Action<SpecNode> attach)
    {
        if (--budget < 0)
        {
            ReportBudget(parent, field, index);
            return null;
        }

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
            if (IsTooDeep(record, parent, field, index))
                return null;
            var node = (SpecRecordNode)SpecLayout.NewRecord(record, named, parent, field, index);
            node.Offset = offset;
            attach(node);
            ReadFields(node, end);
            node.Size = position - offset;
            node.IsIncomplete = lost;
            return lost ? null : node;
        }

        var union = (SpecUnion)named.Definition!;
        if (union.By is null)
            return ReadUnion(union, named, parent, field, index, end, attach);
        if (validator.Evaluator.Select(union, named, parent) is { } selected)
            return ReadValue(selected.Type, parent, field, index, end, attach);
        lost = true;
        return null;
    }

    private bool IsTooDeep(SpecRecord record, SpecNode parent, SpecField? field, int index)
    {
        if (record.Nested == 0)
            return false;
        var depth = 1;
        for (SpecNode? node = parent; node is not null; node = node.Parent)
            depth += node is SpecRecordNode outer && outer.Record == record ? 1 : 0;
        if (depth <= record.Nested)
            return false;
        validator.ReportAt(BimbDiagnostics.Constraint, PathOf(parent, field, index), position, Text($"expected at most {record.Nested} values of {record.Name} inside one another, found {depth}"));
        lost = true;
        return true;
    }

    private void ReportBudget(SpecNode parent, SpecField? field, int index)
    {
        validator.ReportAt(BimbDiagnostics.TooManyValues, PathOf(parent, field, index), position, Text($"expected at most {maxValues} values in a file, found more"));
        lost = true;
    }

    private SpecUnionNode? ReadUnion(SpecUnion union, SpecType type, SpecNode parent, SpecField? field, int index, long end, Action<SpecNode> attach)
    {
        var offset = position;
        var tagSize = union.Storage!.Size;
        if (!Take(tagSize, end, parent, field, index))
            return null;
        var tag = Unsigned(source.Span(offset, tagSize));
        if (union.Find(tag) is not { } selected)
        {
            var known = string.Join(", ", union.Cases.Select(item => Text($"{item.Name} {item.Tag}")));
            validator.ReportAt(SpecClasses.RowOfUnknown(union.Class), PathOf(parent, field, index), offset, Text($"expected one of the {union.Name} tags {known}, found {tag}"), SpecClasses.Find(union.Class)?.Hint);
            lost = true;
            return null;
        }

        var node = new SpecUnionNode { Case = selected, TagSize = tagSize, Type = type, Parent = parent, Field = field, Index = index, Offset = offset };
        attach(node);
        var content = ReadValue(selected.Type, node, null, -1, end, child => node.Content = child);
        node.Size = position - offset;
        node.IsIncomplete = lost;
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

        var (element, least) = ElementOf(array, parent);
        if (element is null)
        {
            lost = true;
            return null;
        }

        if (count < 0 || count * least > end - position)
        {
            validator.ReportAt(BimbDiagnostics.Truncated, PathOf(parent, field, index), node.Offset, Text($"expected {count} elements of at least {least} bytes, found {end - position} bytes"), SpecClasses.Find("truncated")!.Hint);
            lost = true;
            return null;
        }

        attach(node);
        if (count > budget)
            ReportBudget(parent, field, index);
        for (var i = 0; i < (long)count && !lost && !validator.HasStopped; i++)
        {
            var item = ReadValue(element, node, null, i, end, node.Items.Add);
            if (item is not null)
                validator.Check(item);
        }

        node.Size = position - node.Offset;
        node.IsIncomplete = lost;
        return lost ? null : node;
    }

    /// <summary>The type of the elements and its least size; where a field selects the type, the same for all of them.</summary>
    private (SpecType? Element, long Least) ElementOf(SpecType.Array array, SpecNode parent)
    {
        if (array.Element is not SpecType.Named { Definition: SpecUnion { By: not null } union } named)
            return (array.Element, array.LeastElement);
        var selected = validator.Evaluator.Select(union, named, parent);
        return selected is null ? (null, 0) : (selected.Type, Math.Max(array.LeastElement, SpecSizes.Least(tree.Format, selected.Type)));
    }
}
