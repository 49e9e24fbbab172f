using System.Globalization;
using System.Text;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;

namespace BiMamba.Formats.Spec;

/// <summary>
/// Lays out a file by its spec: gives every value its offset, derives every field that has <c>=</c>, and checks the
/// same constraints as the reader. <see cref="SpecEncoder"/> turns the tree into bytes.
/// </summary>
public sealed class SpecWriter
{
    private readonly SpecTree tree;
    private readonly SpecValidator validator;
    private readonly HashSet<SpecNode> open = [];
    private long position;

    private SpecWriter(SpecFormat format, string name, DiagnosticBag diagnostics)
    {
        tree = new SpecTree(format, name, null);
        validator = new SpecValidator(tree, diagnostics, "a file of this format cannot hold it: change the content");
        tree.Derive = Derive;
    }

    /// <summary>The tree of the values, or null with diagnostics where they break a constraint.</summary>
    /// <param name="format">The spec.</param>
    /// <param name="name">What diagnostics name as the file.</param>
    /// <param name="values">The values of the record <c>file</c>.</param>
    /// <param name="diagnostics">Receives errors.</param>
    /// <exception cref="InvalidOperationException">The values do not have the fields and types of the spec: a bug of the caller.</exception>
    public static SpecTree? Build(SpecFormat format, string name, SpecObject values, DiagnosticBag diagnostics)
    {
        var writer = new SpecWriter(format, name, diagnostics);
        return writer.Build(values) ? writer.tree : null;
    }

    private bool Build(SpecObject values)
    {
        AddFields(tree.Root, values);
        if (validator.Errors > 0)
            return false;
        DeriveRows();
        FinishRegion();
        tree.Total = tree.Root.Size = position;
        foreach (var node in SpecPaths.Walk(tree.Root))
        {
            if (!Derive(node) && validator.Errors == 0)
                throw new InvalidOperationException($"{node.Path} cannot be derived");
        }

        if (validator.Errors > 0)
            return false;
        foreach (var node in SpecPaths.Walk(tree.Root))
            validator.Check(node);
        validator.Finish();
        return validator.Errors == 0;
    }

    private void AddFields(SpecRecordNode record, SpecObject values)
    {
        var used = 0;
        for (var i = 0; i < record.Record.Fields.Length; i++)
        {
            var field = record.Record.Fields[i];
            used += values.TryGetValue(field.Name, out var value) ? 1 : 0;
            record.Children[i] = Add(field.Type, value, record, field, -1);
        }

        if (used != values.Count)
            throw new InvalidOperationException($"{record.Record.Name} has no fields {string.Join(", ", values.Keys.Where(key => record.Record.IndexOf(key) < 0))}");
    }

    private SpecNode Add(SpecType type, object? value, SpecNode parent, SpecField? field, int index)
    {
        if (field?.Derivation is not null && value is not null)
            throw new InvalidOperationException($"{field.Name} is derived by the spec");
        var offset = position;
        var node = type switch
        {
            SpecType.Integer integer => NewInteger(type, integer, null, value, parent, field, index),
            SpecType.Floating floating => Sized(new SpecFloatNode { Type = type, Parent = parent, Field = field, Index = index, Value = (double)Given(value, type) }, floating.Size),
            SpecType.Text or SpecType.Utf8 => NewText(type, (string)Given(value, type), parent, field, index),
            SpecType.Bytes bytes => NewBytes(bytes, value, parent, field, index),
            SpecType.Zero zero => Sized(new SpecZeroNode { Type = type, Parent = parent, Field = field, Index = index }, Length(zero.Length, parent)),
            SpecType.Region => new SpecRegionNode { Type = type, Parent = parent, Field = field, Index = index },
            SpecType.Array array => NewArray(array, (IEnumerable<object>)Given(value, type), parent, field, index),
            SpecType.Named named => NewNamed(named, value, parent, field, index),
            _ => throw new InvalidOperationException($"unknown type {type}"),
        };
        node.Offset = offset;
        if (node is not (SpecRecordNode or SpecArrayNode or SpecUnionNode))
            position = offset + node.Size;
        node.Size = position - offset;
        return node;
    }

    private SpecNode NewNamed(SpecType.Named named, object? value, SpecNode parent, SpecField? field, int index)
    {
        if (named.Definition is SpecEnum words)
            return NewInteger(named, words.Storage, words, value, parent, field, index);
        if (named.Definition is SpecRecord record)
        {
            var node = (SpecRecordNode)SpecLayout.NewRecord(record, named, parent, field, index);
            // A record whose fields are all derived needs no values.
            node.Offset = position;
            AddFields(node, value as SpecObject ?? []);
            return node;
        }

        var union = (SpecUnion)named.Definition!;
        if (union.By is not null)
        {
            var word = validator.Evaluator.Select(union, named, parent) ?? throw new InvalidOperationException($"{named} is not selected by a value that is there");
            return Add(word.Type, value, parent, field, index);
        }

        var choice = (SpecChoice)Given(value, named);
        var selected = union.Cases.First(item => item.Name == choice.Case);
        var result = new SpecUnionNode { Case = selected, TagSize = union.Storage!.Size, Type = named, Parent = parent, Field = field, Index = index };
        position += union.Storage!.Size;
        result.Content = Add(selected.Type, choice.Content, result, null, -1);
        return result;
    }

    private SpecIntegerNode NewInteger(SpecType type, SpecType.Integer storage, SpecEnum? words, object? value, SpecNode parent, SpecField? field, int index)
    {
        var node = Sized(SpecLayout.NewInteger(type, storage, words, parent, field, index), storage.Size);
        node.Offset = position;
        if (field?.Derivation is not null)
            return node;
        if (words is null)
        {
            SetInteger(node, Given(value, type) is int small ? small : (long)value!);
        }
        else if (words.Find((string)Given(value, type)) is { } member)
        {
            node.Value = member.Value;
        }
        else
        {
            var known = string.Join(", ", words.Members.Select(item => item.Name));
            validator.Report(BimbDiagnostics.NotStorable, node, $"expected one of the {words.Name} words {known}, found {value}");
        }

        return node;
    }

    private void SetInteger(SpecIntegerNode node, Int128 value)
    {
        var (least, most) = SpecLayout.Range(node.Storage);
        if (value < least || value > most)
            validator.Report(BimbDiagnostics.Overflow, node, string.Create(CultureInfo.InvariantCulture, $"expected a value of {node.Storage}, found {value}"));
        else
            node.Value = value;
    }

    private SpecTextNode NewText(SpecType type, string value, SpecNode parent, SpecField? field, int index)
    {
        var prefix = (type as SpecType.Text)?.Prefix;
        var node = new SpecTextNode { Type = type, PrefixSize = prefix?.Size ?? 0, Parent = parent, Field = field, Index = index, Value = value, Offset = position };
        var length = Encoding.UTF8.GetByteCount(value);
        if (prefix is not null && length > SpecLayout.Range(prefix).Most)
            validator.Report(BimbDiagnostics.NotStorable, node, string.Create(CultureInfo.InvariantCulture, $"expected at most {SpecLayout.Range(prefix).Most} bytes of {type}, found {length}"));
        node.Size = node.PrefixSize + length;
        return node;
    }

    private SpecBytesNode NewBytes(SpecType.Bytes type, object? value, SpecNode parent, SpecField? field, int index)
    {
        if (field?.Derivation is not null)
            return Sized(new SpecBytesNode((ReadOnlyMemory<byte>?)null) { Type = type, Parent = parent, Field = field, Index = index }, Length(type.Length, parent));
        var bytes = (ReadOnlyMemory<byte>)Given(value, type);
        if (type.Length is SpecExpression.Literal literal && literal.Value != bytes.Length)
            throw new InvalidOperationException($"{field?.Name}: expected {literal} bytes, found {bytes.Length}");
        return Sized(new SpecBytesNode(bytes) { Type = type, Parent = parent, Field = field, Index = index }, bytes.Length);
    }

    private SpecArrayNode NewArray(SpecType.Array type, IEnumerable<object> values, SpecNode parent, SpecField? field, int index)
    {
        var node = new SpecArrayNode { Type = type, Parent = parent, Field = field, Index = index, Offset = position };
        position += type.Prefix?.Size ?? 0;
        foreach (var value in values)
            node.Items.Add(Add(type.Element, value, node, null, node.Items.Count));
        if (type.Prefix is { } prefix && node.Items.Count > SpecLayout.Range(prefix).Most)
            validator.Report(BimbDiagnostics.NotStorable, node, string.Create(CultureInfo.InvariantCulture, $"expected at most {SpecLayout.Range(prefix).Most} elements, found {node.Items.Count}"));
        if (type.Count is { } count && Length(count, parent) != node.Items.Count)
            throw new InvalidOperationException($"{node.Path}: expected {count} elements, found {node.Items.Count}");
        return node;
    }

    private long Length(SpecExpression expression, SpecNode parent) =>
        validator.Evaluator.EvaluateInteger(expression, new SpecScope(parent.EnclosingRecord!, null, null, position, position), out var value) == SpecOutcome.Value
            ? (long)value
            : throw new InvalidOperationException($"the length {expression} is not known where it is needed");

    /// <summary>Rows of arrays refer to the row before: derived in file order, none waits for a long chain of others.</summary>
    private void DeriveRows()
    {
        foreach (var array in SpecPaths.Walk(tree.Root).OfType<SpecArrayNode>())
        {
            foreach (var node in array.Items.OfType<SpecRecordNode>().SelectMany(record => record.Children))
                Derive(node!);
        }
    }

    private void FinishRegion()
    {
        if (tree.Root.Children[^1] is not SpecRegionNode { Type: SpecType.Region type } region)
            return;
        region.Size = Length(type.Length, tree.Root);
        position += region.Size;
    }

    /// <summary>Derives a value unless it is there; false where it depends on itself or on what does not exist.</summary>
    private bool Derive(SpecNode node)
    {
        if (node.Field?.Derivation is not { } expression || node is SpecIntegerNode { Value: not null } || node is SpecBytesNode { HasValue: true })
            return true;
        if (node.IsInvalid || !open.Add(node))
            return false;
        var scope = new SpecScope(node.Parent!.EnclosingRecord!, node, null, node.Offset, node.Offset);
        var outcome = validator.Evaluator.Evaluate(expression, scope, out var value);
        open.Remove(node);
        if (outcome == SpecOutcome.Overflow)
            validator.Report(BimbDiagnostics.Overflow, node, $"expected a 64-bit value of {expression}, found an overflow");
        if (outcome != SpecOutcome.Value)
            return false;
        if (node is SpecBytesNode bytes)
            bytes.Derive((byte[])value);
        else
            SetInteger((SpecIntegerNode)node, (Int128)value);
        return !node.IsInvalid;
    }

    private static T Sized<T>(T node, long size)
        where T : SpecNode
    {
        node.Size = size;
        return node;
    }

    private static object Given(object? value, SpecType type) => value ?? throw new InvalidOperationException($"a value of {type} is missing");
}
