using System.Collections.Immutable;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Tensors;
using BiMamba.Text;

namespace BiMamba.IR.Reading;

/// <summary>
/// Looks the names of a text up in the tables of levels, ops, attributes and encodings, and builds the module. Every
/// wrong name is reported, with the nearest one of its table.
/// </summary>
internal sealed class IrBinder
{
    private readonly SourceText text;
    private readonly DiagnosticBag diagnostics;
    private readonly Dictionary<IrPart, int> positions = [];
    private bool failed;

    private IrBinder(SourceText text, DiagnosticBag diagnostics)
    {
        this.text = text;
        this.diagnostics = diagnostics;
    }

    /// <summary>The module of a text; null where the bag got an error.</summary>
    public static IrText? Bind(SourceText text, ModuleSyntax syntax, DiagnosticBag diagnostics)
    {
        var binder = new IrBinder(text, diagnostics);
        var module = binder.Bind(syntax);
        return binder.failed ? null : new IrText(text, module, binder.positions);
    }

    private Module Bind(ModuleSyntax syntax)
    {
        positions[default] = syntax.Name.Position;
        var level = Levels.All.FirstOrDefault(row => row.Name == syntax.Level.Value);
        if (level is null)
            Unknown(syntax.Level, "level", Levels.All.Select(row => row.Name));
        var resources = ImmutableSortedDictionary.CreateBuilder<string, Resource>(StringComparer.Ordinal);
        foreach (var resource in syntax.Resources)
            Bind(resource, resources);
        return new Module(
            syntax.Name.Value,
            level?.Level ?? default,
            [.. Distinct(syntax.Attributes).Select(attribute => KeyValuePair.Create(attribute.Key.Value, attribute.Value))],
            resources.ToImmutable(),
            [.. syntax.Blocks.Select(Bind)]);
    }

    private void Bind(ResourceSyntax syntax, ImmutableSortedDictionary<string, Resource>.Builder resources)
    {
        var (name, element) = (syntax.Name, syntax.Type.Element);
        if (!positions.TryAdd(new IrPart(Resource: name.Value), name.Position))
            Report(IrDiagnostics.DefinedTwice, name.Position, $"the resource @{TextEscapes.Name(name.Value)} is defined twice", $"first in line {LineOf(new IrPart(Resource: name.Value))}");
        var encoding = Encodings.All.FirstOrDefault(row => row.Name == element.Value);
        if (encoding is null)
            Unknown(element, "encoding", Encodings.All.Select(row => row.Name));
        else if (Shape(syntax.Type, encoding.Encoding) is { } shape)
            resources[name.Value] = Resource.Declared(name.Value, encoding.Encoding, shape, Hash(syntax.Hash));
    }

    private string? Hash(Located<string>? hash)
    {
        if (hash is null || (hash.Value.Length == Resource.HashDigits && hash.Value.All(char.IsAsciiHexDigitLower)))
            return hash?.Value;
        Report(TextDiagnostics.Syntax, hash.Position, $"expected {Resource.HashDigits} lower-case hexadecimal digits of a hash, found '{hash.Value}'");
        return null;
    }

    /// <summary>The shape of a resource whose bytes fit 63 bits.</summary>
    private Shape? Shape(TypeSyntax type, Encoding encoding)
    {
        var isPacked = encoding.Info().Element is null;
        if (type.Dims.Contains(ValueType.Tokens))
            Report(IrDiagnostics.ShapeMismatch, type.Element.Position, "expected the dimensions of a resource, found T, which only values have");
        else if (isPacked && type.Dims.Count != encoding.PackedRank())
            Report(IrDiagnostics.ShapeMismatch, type.Element.Position, $"expected {(encoding.PackedRank() == 2 ? "two dimensions of a packed encoding" : "three dimensions of bit planes")}, found {type.Dims.Count}");
        else if (!Tensors.Shape.TryCreate([.. type.Dims], out var shape) || !Fits(encoding, shape))
            Report(IrDiagnostics.ShapeMismatch, type.Element.Position, $"expected at most {Tensors.Shape.MaxRank} dimensions and 2^63 - 1 bytes, found more");
        else
            return shape;
        return null;
    }

    private static bool Fits(Encoding encoding, Shape shape)
    {
        try
        {
            return encoding.ByteLength(shape) >= 0;
        }
        catch (OverflowException)
        {
            return false;
        }
    }

    private Block Bind(BlockSyntax syntax, int index)
    {
        positions[new IrPart(index)] = syntax.Name.Position;
        var body = ImmutableArray.CreateBuilder<Op>();
        foreach (var op in syntax.Body)
        {
            positions[new IrPart(index, body.Count)] = op.Mnemonic.Position;
            if (Bind(op) is { } bound)
                body.Add(bound);
        }

        var block = new Block(syntax.Name.Value, new Value(syntax.Parameter, Type(syntax.ParameterType)), body.ToImmutable(), syntax.Return.Value);
        var returned = Type(syntax.ReturnType);
        // What is defined twice has no type to compare; the verifier reports it.
        if (!failed && block.Find(block.Return) is { } found && !found.Type.Equals(returned) && Definitions(block) == 1)
            Report(IrDiagnostics.BlockChain, syntax.ReturnType.Element.Position, $"expected {found.Type}, the type of {found}, found {returned}", Definition(block, found, index));
        else if (!failed && block.Find(block.Return) is null)
            Report(IrDiagnostics.UnknownValue, syntax.Return.Position, $"the returned value %{TextEscapes.Name(block.Return)} is not defined", NameHints.Values(block).Hint(block.Return));
        return block;
    }

    private static int Definitions(Block block) =>
        block.Body.SelectMany(op => op.Results).Append(block.Parameter).Count(value => value.Name == block.Return);

    private string? Definition(Block block, Value value, int index)
    {
        var op = block.Body.ToList().FindIndex(candidate => candidate.Results.Contains(value));
        return op < 0 ? null : $"{value} is defined in line {LineOf(new IrPart(index, op))}";
    }

    private int LineOf(IrPart part) => text.LineColumn(positions[part]).Line;

    private Op? Bind(OpSyntax syntax)
    {
        if (Ops.Find(syntax.Mnemonic.Value) is not { } info)
        {
            Unknown(syntax.Mnemonic, "op", Ops.All.Select(row => row.Name));
            return null;
        }

        if (syntax.Results.Count != syntax.Types.Count)
            Report(IrDiagnostics.ResultType, syntax.Types[0].Element.Position, $"expected {syntax.Results.Count} types, one a result, found {syntax.Types.Count}");
        return new Op(
            info.Code,
            [.. syntax.Results.Zip(syntax.Types, (result, type) => new Value(result.Value, Type(type)))],
            Operands(info, syntax),
            BindAttributes(info, syntax));
    }

    private ImmutableArray<Operand> Operands(OpInfo info, OpSyntax syntax)
    {
        var required = info.Operands.Where(role => role.IsRequired).ToList();
        var bound = new List<Operand>();
        foreach (var (operand, position) in syntax.Operands.Select(located => (located.Value, located.Position)))
        {
            var positional = bound.Count(known => required.Any(role => role.Name == known.Role));
            var role = operand.Role ?? (positional < required.Count ? required[positional].Name : null);
            if (role is null)
                Report(IrDiagnostics.Operands, position, $"expected ({string.Join(", ", required.Select(row => row.Name))}) and named operands behind them, found one more");
            else if (info.Operands.All(row => row.Name != role))
                Unknown(new Located<string>(role, position), $"operand of {info.Name}", info.Operands.Select(row => row.Name));
            else if (bound.Exists(known => known.Role == role))
                Report(IrDiagnostics.Operands, position, $"the operand '{role}' is given twice");
            else
                bound.Add(new Operand(role, operand.Name, operand.IsResource));
        }

        return [.. info.Operands.SelectMany(role => bound.Where(operand => operand.Role == role.Name))];
    }

    private ImmutableDictionary<string, AttributeValue> BindAttributes(OpInfo info, OpSyntax syntax)
    {
        var values = info.Attributes.Where(row => row.Default is not null).ToImmutableDictionary(row => row.Info.Name, row => row.Default!, StringComparer.Ordinal).ToBuilder();
        foreach (var (key, value) in Distinct(syntax.Attributes))
        {
            if (info.Attributes.FirstOrDefault(candidate => candidate.Info.Name == key.Value) is not { } row)
                Unknown(key, $"attribute of {info.Name}", info.Attributes.Select(candidate => candidate.Info.Name));
            else
                values[key.Value] = row.Info.Kind == AttributeKind.Float && value is AttributeValue.Int whole ? new AttributeValue.Float(whole.Value) : value;
        }

        return values.ToImmutable();
    }

    private IEnumerable<AttributeSyntax> Distinct(IReadOnlyList<AttributeSyntax> attributes)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var attribute in attributes)
        {
            if (seen.Add(attribute.Key.Value))
                yield return attribute;
            else
                Report(IrDiagnostics.DefinedTwice, attribute.Key.Position, $"the attribute '{attribute.Key.Value}' is given twice");
        }
    }

    private ValueType Type(TypeSyntax syntax)
    {
        var element = ElementTypes.All.FirstOrDefault(row => row.Name == syntax.Element.Value);
        if (element is null)
            Unknown(syntax.Element, "element type", ElementTypes.All.Select(row => row.Name));
        else if (syntax.Dims.Count is 0 or > Tensors.Shape.MaxRank)
            Report(IrDiagnostics.ShapeMismatch, syntax.Element.Position, $"expected 1 to {Tensors.Shape.MaxRank} dimensions of a value, found {syntax.Dims.Count}");
        return new ValueType(element?.Type ?? default, [.. syntax.Dims]);
    }

    private void Unknown(Located<string> word, string what, IEnumerable<string> known) =>
        Report(IrTextDiagnostics.UnknownWord, word.Position, $"there is no {what} '{word.Value}'", NearestName.Hint(word.Value, known));

    private void Report(DiagnosticDescriptor rule, int position, string message, string? hint = null)
    {
        failed = true;
        text.Report(diagnostics, rule, position, message, hint);
    }
}
