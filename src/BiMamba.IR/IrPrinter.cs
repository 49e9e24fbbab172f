using System.Globalization;
using System.Text;
using BiMamba.Text;

namespace BiMamba.IR;

/// <summary>Prints a module in its canonical text form, which <see cref="Reading.IrParser"/> reads back: no weights, one op a line.</summary>
public static class IrPrinter
{
    /// <summary>The module as text, with <c>\n</c> line ends.</summary>
    /// <param name="module">The module.</param>
    /// <param name="withHashes">True to show the first digits of each resource's SHA-256, which reads the weights where it is not known.</param>
    public static string Print(Module module, bool withHashes = true)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"module @{TextEscapes.Name(module.Name)} level {module.Level.Name()}");
        if (!module.Attributes.IsEmpty)
            text.Append(" { ").AppendJoin(", ", module.Attributes.Select(pair => $"{TextEscapes.Word(pair.Key)} = {pair.Value}")).Append(" }");
        text.Append('\n');
        foreach (var resource in module.Resources.Values)
        {
            text.Append(CultureInfo.InvariantCulture, $"resource @{TextEscapes.Name(resource.Name)} : {resource.TypeText}");
            if (withHashes && resource.ShortHash is { } hash)
                text.Append(CultureInfo.InvariantCulture, $" #{hash}");
            text.Append('\n');
        }

        foreach (var block in module.Blocks)
            Print(text, block);
        return text.ToString();
    }

    /// <summary>One op as a line without indentation and line end.</summary>
    public static string Print(Op op)
    {
        var text = new StringBuilder();
        text.AppendJoin(", ", op.Results).Append(" = ").Append(op.Info.Name).Append(' ');
        text.AppendJoin(", ", op.Operands.Select(operand =>
            op.Info.Operands.First(role => role.Name == operand.Role).IsRequired ? operand.ToString() : $"{operand.Role} = {operand}"));
        if (!op.Info.Attributes.IsEmpty)
            text.Append(" {").AppendJoin(", ", op.Info.Attributes.Select(attribute => $"{attribute.Info.Name} = {op.Attributes[attribute.Info.Name]}")).Append('}');
        text.Append(" : ").AppendJoin(", ", op.Results.Select(result => result.Type));
        return text.ToString();
    }

    private static void Print(StringBuilder text, Block block)
    {
        text.Append(CultureInfo.InvariantCulture, $"block @{TextEscapes.Name(block.Name)} ({block.Parameter} : {block.Parameter.Type}) -> {block.ReturnType} {{\n");
        foreach (var op in block.Body)
            text.Append("  ").Append(Print(op)).Append('\n');
        text.Append(CultureInfo.InvariantCulture, $"  return %{TextEscapes.Name(block.Return)}\n}}\n");
    }
}
