using System.Globalization;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Text;

namespace BiMamba.Formats.Spec;

/// <summary>
/// Checks values against the constraints of their fields, for the reader and the writer alike. What speaks of values
/// that are not there yet waits for <see cref="Finish"/>.
/// </summary>
/// <param name="tree">The values.</param>
/// <param name="diagnostics">Receives errors.</param>
/// <param name="advice">What the user can do about an error that has no hint of its own, or null.</param>
internal sealed class SpecValidator(SpecTree tree, DiagnosticBag diagnostics, string? advice = null)
{
    private readonly SpecEvaluator evaluator = new(tree);
    private readonly List<(SpecNode Node, SpecConstraint Constraint)> waiting = [];

    /// <summary>Errors after which nothing more is looked at: more than a bag keeps.</summary>
    private const int MaxErrors = 1000;

    /// <summary>Errors that were reported.</summary>
    internal int Errors { get; private set; }

    /// <summary>True once a constraint broke after which the rest of the file means nothing.</summary>
    internal bool HasStopped { get; private set; }

    /// <summary>The evaluator of the tree.</summary>
    internal SpecEvaluator Evaluator => evaluator;

    /// <summary>Checks one value that has just been added to the tree.</summary>
    internal void Check(SpecNode node)
    {
        CheckWord(node);
        if (node.Field is not { } field || node.Index >= 0)
            return;
        foreach (var constraint in field.Constraints)
        {
            if (!node.IsInvalid && !Check(node, constraint))
                waiting.Add((node, constraint));
            if (HasStopped)
                return;
        }
    }

    /// <summary>Checks what waited for values that came later.</summary>
    internal void Finish()
    {
        foreach (var (node, constraint) in waiting)
        {
            if (!HasStopped && !node.IsInvalid && !Check(node, constraint) && Errors == 0)
                throw new InvalidOperationException($"{node.Path}: '{constraint}' speaks of something that is never there");
        }

        waiting.Clear();
    }

    /// <summary>Adds an error at a value.</summary>
    internal void Report(DiagnosticDescriptor row, SpecNode node, string message, string? hint = null, long? offset = null)
    {
        node.IsInvalid = true;
        ReportAt(row, node.Path, offset ?? node.Offset, message, hint);
    }

    /// <summary>Adds an error at a path that has no value.</summary>
    internal void ReportAt(DiagnosticDescriptor row, string path, long offset, string message, string? hint = null)
    {
        HasStopped |= ++Errors >= MaxErrors;
        diagnostics.Add(row, message, new Place(tree.Name, TensorOf(path), Field: path.Length > 0 ? path : null, Offset: offset), hint ?? advice);
    }

    private string? TensorOf(string path)
    {
        // A row that has a name is called by it: an index alone says little to a user.
        var end = path.IndexOf(']', StringComparison.Ordinal);
        if (end < 0)
            return null;
        var node = SpecPaths.Find(tree.Root, path.AsSpan(0, end + 1));
        return node is SpecRecordNode record && record.Find("name") is SpecTextNode text && record.Record.IndexOf("sha256") >= 0 ? text.Value : null;
    }

    private void CheckWord(SpecNode node)
    {
        if (node is not SpecIntegerNode { Enum: { } words, Value: { } value } || words.Find(value) is not null)
            return;
        var known = string.Join(", ", words.Members.Select(member => string.Create(CultureInfo.InvariantCulture, $"{member.Name} {member.Value}")));
        Report(SpecClasses.RowOfUnknown(words.Class), node, string.Create(CultureInfo.InvariantCulture, $"expected one of the {words.Name} values {known}, found {value}"), SpecClasses.Find(words.Class)?.Hint);
    }

    /// <summary>False where the constraint cannot be decided yet.</summary>
    private bool Check(SpecNode node, SpecConstraint constraint)
    {
        switch (constraint.Kind)
        {
            case SpecConstraintKind.Sorted:
                CheckSorted((SpecArrayNode)node, constraint);
                return true;
            case SpecConstraintKind.Unique:
                CheckUnique((SpecArrayNode)node, constraint);
                return true;
            case SpecConstraintKind.Each:
                foreach (var item in ((SpecArrayNode)node).Items)
                {
                    if (!CheckTruth(node, item, constraint))
                        return false;
                    if (item.IsInvalid)
                    {
                        node.IsInvalid = true;
                        return true;
                    }
                }

                return true;
            case SpecConstraintKind.Where:
                return CheckTruth(node, null, constraint);
            case SpecConstraintKind.Equal:
                return CheckEqual(node, constraint);
            default:
                throw new InvalidOperationException($"unknown constraint {constraint.Kind}");
        }
    }

    private bool CheckTruth(SpecNode node, SpecNode? item, SpecConstraint constraint)
    {
        var outcome = evaluator.Evaluate(constraint.Expression, Scope(node, item), out var value);
        if (outcome == SpecOutcome.Unavailable)
            return false;
        if (outcome == SpecOutcome.Overflow)
            Broken(BimbDiagnostics.Overflow, item ?? node, constraint, $"expected a 64-bit value of {constraint.Expression}, found an overflow");
        else if (value is not true)
            Broken(SpecClasses.RowOf(constraint), item ?? node, constraint, $"expected {constraint.Expression}{Bound(constraint.Expression, Scope(node, item))}, found {Show(item ?? node)}");
        return true;
    }

    /// <summary>The value of what stands behind a comparison, where that is not written as a number.</summary>
    private string Bound(SpecExpression expression, in SpecScope scope)
    {
        var isBound = expression is SpecExpression.Binary { Operator: "<" or "<=" or ">" or ">=" or "==", Right: not SpecExpression.Literal };
        return isBound && evaluator.Evaluate(((SpecExpression.Binary)expression).Right, scope, out var value) == SpecOutcome.Value && value is Int128
            ? $" ({Show(value)})"
            : "";
    }

    private bool CheckEqual(SpecNode node, SpecConstraint constraint)
    {
        var outcome = evaluator.Evaluate(constraint.Expression, Scope(node, null), out var expected);
        if (outcome == SpecOutcome.Unavailable)
            return false;
        if (outcome == SpecOutcome.Overflow)
        {
            Broken(BimbDiagnostics.Overflow, node, constraint, $"expected a 64-bit value of {constraint.Expression}, found an overflow");
            return true;
        }

        var actual = node switch
        {
            SpecIntegerNode integer => (object)integer.Value!.Value,
            SpecBytesNode bytes => bytes.Span.ToArray(),
            _ => throw new InvalidOperationException($"{node.Path} of type {node.Type} cannot be derived"),
        };
        if (!SpecEvaluator.AreEqual(expected, actual))
        {
            var meaning = constraint.Expression is SpecExpression.Literal or SpecExpression.Characters ? "" : $" from {constraint.Expression}";
            Broken(SpecClasses.RowOf(constraint), node, constraint, $"expected {Show(expected)}{meaning}, found {Show(actual)}");
        }

        return true;
    }

    private void CheckSorted(SpecArrayNode array, SpecConstraint constraint)
    {
        var key = constraint.Expression.ToString()!;
        string? before = null;
        foreach (var item in array.Items)
        {
            if (((SpecRecordNode)item).Find(key) is not SpecTextNode text)
                return;
            if (before is not null && SpecPaths.CompareCodePoints(before, text.Value) >= 0)
                Broken(SpecClasses.RowOf(constraint), item, constraint, $"expected a {key} after {TextEscapes.Quote(before)}, found {TextEscapes.Quote(text.Value)}");
            before = text.Value;
        }
    }

    private void CheckUnique(SpecArrayNode array, SpecConstraint constraint)
    {
        var key = constraint.Expression.ToString()!;
        var seen = new Dictionary<string, SpecNode>(StringComparer.Ordinal);
        foreach (var item in array.Items)
        {
            if (item is SpecRecordNode record && record.Find(key) is SpecTextNode text && !seen.TryAdd(text.Value, item))
                Broken(SpecClasses.RowOf(constraint), item, constraint, $"expected another {key} than that of {seen[text.Value].Path}, found {TextEscapes.Quote(text.Value)}");
        }
    }

    private void Broken(DiagnosticDescriptor row, SpecNode node, SpecConstraint constraint, string message)
    {
        var rule = SpecClasses.Find(constraint.Class);
        Report(row, node, message, rule?.Hint);
        HasStopped |= rule?.Stops ?? false;
    }

    private static SpecScope Scope(SpecNode node, SpecNode? item) =>
        new(node.Parent!.EnclosingRecord!, node, item, node.Offset, node.Offset + node.Size);

    private static string Show(SpecNode node) => SpecInspector.Show(node);

    private static string Show(object value) => value switch
    {
        byte[] bytes => SpecInspector.ShowBytes(bytes),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };
}
