using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using BiMamba.Diagnostics.Tables;

namespace BiMamba.Formats.Spec;

/// <content>
/// What expressions give, once every name means something: a spec that passes never mixes integers, truth values and text
/// while a file is read.
/// </content>
internal sealed partial class SpecChecker
{
    private void CheckKinds()
    {
        CollectUses();
        foreach (var record in format.Records)
        {
            for (var i = 0; i < record.Fields.Length; i++)
                CheckKinds(record, i);
        }

        foreach (var union in format.Unions)
        {
            foreach (var item in union.Cases)
                CheckLengths(Stub(union.Name), -1, item.Type);
        }

        foreach (var size in format.Enums.SelectMany(item => item.Members).Select(member => member.Size).OfType<SpecExpression>())
            CheckSizeKinds(size);
    }

    private void CheckKinds(SpecRecord record, int index)
    {
        var field = record.Fields[index];
        CheckLengths(record, index, field.Type);
        if (field.Section is { } section)
        {
            CheckOrder(record, index, section);
            CheckRow(KindOf(record, section, null), section);
        }

        CheckWritten(field);
        foreach (var constraint in field.Constraints)
        {
            var item = constraint.Kind == SpecConstraintKind.Each ? (field.Type as SpecType.Array)?.Element : null;
            if (constraint.Kind is SpecConstraintKind.Sorted or SpecConstraintKind.Unique)
                CheckKey((SpecType.Array)field.Type, constraint.Expression);
            else
                Expect(record, constraint.Expression, item, constraint.Kind == SpecConstraintKind.Equal ? SpecMeaning.Of(field.Type).Kind : SpecKind.Truth);
        }
    }

    /// <summary>A value that the spec itself writes fits its field.</summary>
    private void CheckWritten(SpecField field)
    {
        if (field.Type is SpecType.Bytes { Length: SpecExpression.Literal length } && BytesOf(field.Derivation) is { } bytes && bytes != length.Value)
            Report(BimbDiagnostics.SpecMisuse, field.Derivation!.Start, string.Create(CultureInfo.InvariantCulture, $"expected {length.Value} bytes of {field.Type}, found {bytes} of {field.Derivation}"));
        if (field is { Type: SpecType.Integer type, Derivation: SpecExpression.Literal number } && (number.Value < SpecLayout.Range(type).Least || number.Value > SpecLayout.Range(type).Most))
            Report(BimbDiagnostics.SpecMisuse, number.Position, $"expected a value of {type}, found {number}");
    }

    private static int? BytesOf(SpecExpression? expression) => expression switch
    {
        SpecExpression.Characters characters => Encoding.UTF8.GetByteCount(characters.Value),
        SpecExpression.Call { Function: "sha256" } => 32,
        _ => null,
    };

    /// <summary>Lengths and counts are integers of what stands before: they are needed to find the next field.</summary>
    private void CheckLengths(SpecRecord record, int index, SpecType type)
    {
        var (lengths, rows) = type switch
        {
            SpecType.Bytes bytes => ([bytes.Length], null),
            SpecType.Utf8 utf8 => ([utf8.Length], null),
            SpecType.Zero zero => ([zero.Length], null),
            SpecType.Region region => ([region.Length], region.Rows),
            SpecType.Array { Count: { } count } => ([count], null),
            _ => (ImmutableArray<SpecExpression>.Empty, (SpecExpression?)null),
        };
        foreach (var length in lengths)
        {
            Expect(record, length, null, SpecKind.Integer);
            CheckOrder(record, index, length);
        }

        if (rows is not null && Expect(record, rows, null, SpecKind.Array) is SpecType.Array array)
            CheckRow(SpecMeaning.Of(array.Element), rows);
        if (type is SpecType.Array { Element: var element })
            CheckLengths(record, index, element);
        if (type is SpecType.Named { Definition: SpecUnion { By: not null } } selected)
            CheckOrder(record, index, selected.Arguments[0]);
        else if (type is SpecType.Named named)
        {
            foreach (var argument in named.Arguments)
                KindOf(record, argument, null);
        }
    }

    /// <summary>A row says where bytes lie: it has the fields offset, size and sha256.</summary>
    private void CheckRow(SpecMeaning row, SpecExpression expression)
    {
        var record = (row.Type as SpecType.Named)?.Definition as SpecRecord;
        foreach (var (name, kind) in ((string, SpecKind)[])[("offset", SpecKind.Integer), ("size", SpecKind.Integer), ("sha256", SpecKind.Bytes)])
        {
            if (row.Kind != SpecKind.Unknown && (record is null || record.IndexOf(name) is not (>= 0 and var index) || SpecMeaning.Of(record.Fields[index].Type).Kind != kind))
            {
                Report(BimbDiagnostics.SpecMisuse, expression.Start, $"expected records with the fields offset, size and sha256, found {row.Type?.ToString() ?? SpecMeaning.Name(row.Kind)}");
                return;
            }
        }
    }

    private void CheckKey(SpecType.Array array, SpecExpression key)
    {
        var record = (SpecRecord)((SpecType.Named)array.Element).Definition!;
        var type = record.Fields[record.IndexOf(key.ToString()!)].Type;
        if (type is not (SpecType.Text or SpecType.Utf8))
            Report(BimbDiagnostics.SpecMisuse, key.Start, $"expected a text as the key, found {type}");
    }

    /// <summary>Reports an expression of another kind; the type of the field that it names, or null.</summary>
    private SpecType? Expect(SpecRecord record, SpecExpression expression, SpecType? item, SpecKind expected)
    {
        var meaning = KindOf(record, expression, item);
        if (meaning.Kind == SpecKind.Unknown || meaning.Kind == expected || expected == SpecKind.Unknown)
            return meaning.Type;
        Report(BimbDiagnostics.SpecMisuse, expression.Start, $"expected {SpecMeaning.Name(expected)}, found {Found(expression, meaning)}");
        return null;
    }

    private static string Found(SpecExpression expression, SpecMeaning meaning) =>
        $"'{expression}', which is {(meaning.Type is { } type ? $"of type {type}" : SpecMeaning.Name(meaning.Kind))}";

    private SpecMeaning KindOf(SpecRecord record, SpecExpression expression, SpecType? item)
    {
        switch (expression)
        {
            case SpecExpression.Literal:
                return SpecMeaning.Of(SpecKind.Integer);
            case SpecExpression.Characters:
                return SpecMeaning.Of(SpecKind.Bytes);
            case SpecExpression.Reference reference:
                return MeaningOf(record, reference, item);
            case SpecExpression.Call call:
                return KindOfCall(record, call, item);
            case SpecExpression.Conditional conditional:
                Expect(record, conditional.Condition, item, SpecKind.Truth);
                var then = KindOf(record, conditional.Then, item);
                Expect(record, conditional.Otherwise, item, then.Kind);
                return SpecMeaning.Of(then.Kind);
            default:
                return KindOfOperator(record, (SpecExpression.Binary)expression, item);
        }
    }

    private SpecMeaning KindOfOperator(SpecRecord record, SpecExpression.Binary binary, SpecType? item)
    {
        if (binary.Operator is "==" or "!=")
        {
            var left = KindOf(record, binary.Left, item);
            if (left.Kind is SpecKind.Array or SpecKind.Record or SpecKind.Opaque or SpecKind.Mixed)
                Report(BimbDiagnostics.SpecMisuse, binary.Start, $"expected an integer, a truth value, text or bytes, found {Found(binary.Left, left)}");
            else
                Expect(record, binary.Right, item, left.Kind);
            return SpecMeaning.Of(SpecKind.Truth);
        }

        var isLogic = binary.Operator is "&&" or "||";
        Expect(record, binary.Left, item, isLogic ? SpecKind.Truth : SpecKind.Integer);
        Expect(record, binary.Right, item, isLogic ? SpecKind.Truth : SpecKind.Integer);
        return SpecMeaning.Of(isLogic || binary.Operator is "<" or "<=" or ">" or ">=" ? SpecKind.Truth : SpecKind.Integer);
    }

    private SpecMeaning KindOfCall(SpecRecord record, SpecExpression.Call call, SpecType? item)
    {
        switch (call.Function)
        {
            case "align" or "ceil":
                Expect(record, call.Arguments[0], item, SpecKind.Integer);
                Expect(record, call.Arguments[1], item, SpecKind.Integer);
                return SpecMeaning.Of(SpecKind.Integer);
            case "value_of":
                CheckRows(record, call, item);
                return SpecMeaning.Of(SpecKind.Integer);
        }

        var field = KindOf(record, call.Arguments[0], item);
        if (field is { IsField: false, Kind: not SpecKind.Unknown })
            Report(BimbDiagnostics.SpecMisuse, call.Arguments[0].Start, $"expected a field, found {Found(call.Arguments[0], field)}");
        else if (call.Function is "bytes_of" or "block_of" && field.Type is { } type && !IsEncoding(type, call.Function == "bytes_of"))
            Report(BimbDiagnostics.SpecMisuse, call.Arguments[0].Start, $"expected a word of an enum{(call.Function == "bytes_of" ? " whose words have sizes" : "")}, found {Found(call.Arguments[0], field)}");
        else if (call.Function == "starts_with" && field.Kind is not (SpecKind.Bytes or SpecKind.Unknown))
            Report(BimbDiagnostics.SpecMisuse, call.Arguments[0].Start, $"expected text or bytes, found {Found(call.Arguments[0], field)}");
        if (call.Function == "bytes_of" && Expect(record, call.Arguments[1], item, SpecKind.Array) is SpecType.Array { Element: var dim } && SpecMeaning.Of(dim).Kind != SpecKind.Integer)
            Report(BimbDiagnostics.SpecMisuse, call.Arguments[1].Start, $"expected an array of integers, found elements of type {dim}");
        if (call.Function == "starts_with")
            CheckQuoted(call.Arguments[1]);
        return SpecMeaning.Of(call.Function switch { "sha256" => SpecKind.Bytes, "starts_with" => SpecKind.Truth, _ => SpecKind.Integer });
    }

    private static bool IsEncoding(SpecType type, bool needsSizes) =>
        type is SpecType.Named { Definition: SpecEnum words } && (!needsSizes || words.Members.All(member => member.Size is not null));

    private void CheckRows(SpecRecord record, SpecExpression.Call call, SpecType? item)
    {
        CheckQuoted(call.Arguments[1]);
        Expect(record, call.Arguments[2], item, SpecKind.Integer);
        if (Expect(record, call.Arguments[0], item, SpecKind.Array) is SpecType.Array array
            && !(array.Element is SpecType.Named { Definition: SpecRecord row } && row.IndexOf("key") is >= 0 and var key && row.Fields[key].Type is SpecType.Text or SpecType.Utf8 && row.IndexOf("value") >= 0))
        {
            Report(BimbDiagnostics.SpecMisuse, call.Arguments[0].Start, $"expected records with a text key and a value, found {array.Element}");
        }
    }

    private void CheckQuoted(SpecExpression expression)
    {
        if (expression is not SpecExpression.Characters)
            Report(BimbDiagnostics.SpecMisuse, expression.Start, $"expected text in double quotes, found '{expression}'");
    }

    /// <summary>The size of a word is arithmetic.</summary>
    private void CheckSizeKinds(SpecExpression size)
    {
        var operands = size switch
        {
            SpecExpression.Binary { Operator: "+" or "-" or "*" or "/" or "%" } binary => [binary.Left, binary.Right],
            SpecExpression.Call { Function: "align" or "ceil" } call => call.Arguments,
            SpecExpression.Literal or SpecExpression.Reference => [],
            _ => (IReadOnlyList<SpecExpression>?)null,
        };
        if (operands is null)
            Report(BimbDiagnostics.SpecMisuse, size.Start, $"expected a size of numbers, + - * / %, align and ceil, found '{size}'");
        foreach (var operand in operands ?? [])
            CheckSizeKinds(operand);
    }
}
