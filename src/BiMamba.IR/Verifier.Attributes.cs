using BiMamba.Diagnostics.Tables;
using BiMamba.IR.Reading;
using BiMamba.Text;

namespace BiMamba.IR;

/// <content>The attributes of the module and of its ops.</content>
public sealed partial class Verifier
{
    private void VerifyModuleAttributes()
    {
        var keys = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (key, value) in module.Attributes)
        {
            if (!keys.Add(key))
                Report(IrDiagnostics.DefinedTwice, $"the attribute {TextEscapes.Word(key)} of the module is given twice", default);
            VerifyName(key, "the name of an attribute", default);
            if (value is AttributeValue.Word word)
                VerifyName(word.Value, $"the word of {TextEscapes.Word(key)}", default);
        }
    }

    private bool VerifyAttributes(Op op, IrPart part)
    {
        var ok = true;
        foreach (var (info, _) in op.Info.Attributes)
        {
            var value = op.Attributes.GetValueOrDefault(info.Name);
            if (value is null || !HasKind(value, info.Kind))
            {
                Report(IrDiagnostics.OpAttributes, $"{info.Name}: expected {KindText(info.Kind)}, found {value?.ToString() ?? "nothing"}", part);
                ok = false;
            }
            else if (value is AttributeValue.Word word && !info.Words.IsEmpty && !info.Words.Contains(word.Value))
            {
                Report(IrDiagnostics.OpAttributes, $"{info.Name}: expected one of {string.Join(", ", info.Words)}, found {word.Value}", part);
                ok = false;
            }
        }

        foreach (var name in op.Attributes.Keys.Except(op.Info.Attributes.Select(attribute => attribute.Info.Name)))
        {
            Report(IrDiagnostics.OpAttributes, $"{op.Info.Name} has no attribute '{name}'", part);
            ok = false;
        }

        return ok;
    }

    private static string KindText(AttributeKind kind) => kind switch
    {
        AttributeKind.Int => "a whole number of 32 bits",
        AttributeKind.Float => "a number",
        AttributeKind.Bool => "true or false",
        AttributeKind.Word => "a word",
        AttributeKind.Ints => "a list of whole numbers",
        _ => throw new InvalidOperationException($"unknown attribute kind {kind}"),
    };

    private static bool HasKind(AttributeValue value, AttributeKind kind) => kind switch
    {
        AttributeKind.Int => value is AttributeValue.Int { Value: >= int.MinValue and <= int.MaxValue },
        AttributeKind.Float => value is AttributeValue.Float,
        AttributeKind.Bool => value is AttributeValue.Bool,
        AttributeKind.Word => value is AttributeValue.Word,
        AttributeKind.Ints => value is AttributeValue.Ints,
        _ => throw new InvalidOperationException($"unknown attribute kind {kind}"),
    };
}
