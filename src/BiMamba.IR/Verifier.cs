using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.IR.Reading;
using BiMamba.Text;

namespace BiMamba.IR;

/// <summary>
/// Checks a module against the rows of <see cref="IrDiagnostics"/>: names are defined once and before use, operands and
/// attributes are those of the op table, shapes and encodings fit, every op stands at one of its levels, blocks fit
/// each other. It runs at entry and after every pass; it reads no weights.
/// </summary>
public sealed partial class Verifier
{
    private readonly Module module;
    private readonly DiagnosticBag diagnostics;
    private readonly string file;
    private readonly IrText? text;
    private NameHints? resourceHints;
    private NameHints? valueHints;
    private bool isBroken;

    private Verifier(Module module, string file, IrText? text, DiagnosticBag diagnostics)
    {
        this.module = module;
        this.file = file;
        this.text = text;
        this.diagnostics = diagnostics;
    }

    /// <summary>Adds every broken rule to the bag; true if there is none.</summary>
    /// <param name="module">The module.</param>
    /// <param name="file">What diagnostics name as the file, for example <c>after fold-fbi</c>.</param>
    /// <param name="diagnostics">Receives errors.</param>
    public static bool Verify(Module module, string file, DiagnosticBag diagnostics) => Verify(module, file, null, diagnostics);

    /// <summary>Verifies a module of a text; errors name line and column.</summary>
    public static bool Verify(IrText text, DiagnosticBag diagnostics) => Verify(text.Module, text.Source.Name, text, diagnostics);

    private static bool Verify(Module module, string file, IrText? text, DiagnosticBag diagnostics)
    {
        var verifier = new Verifier(module, file, text, diagnostics);
        verifier.Run();
        return !verifier.isBroken;
    }

    private void Run()
    {
        VerifyName(module.Name, "the name of the module", default);
        VerifyModuleAttributes();
        var names = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var (index, block) in module.Blocks.Index())
        {
            if (!names.TryAdd(block.Name, index))
                Report(IrDiagnostics.DefinedTwice, $"the block {Show(block)} is defined twice", new IrPart(index), First(new IrPart(names[block.Name])));
            VerifyName(block.Name, "the name of a block", new IrPart(index));
            VerifyName(block.Parameter.Name, "the name of a parameter", new IrPart(index));
            VerifyBlock(block, index);
        }

        VerifyChain();
        foreach (var name in module.Resources.Keys)
            VerifyName(name, "the name of a resource", new IrPart(Resource: name));
        foreach (var unused in module.Resources.Keys.Except(module.WithoutUnusedResources().Resources.Keys))
            Report(IrDiagnostics.UnusedResource, $"no op names @{TextEscapes.Name(unused)}", new IrPart(Resource: unused));
    }

    /// <summary>
    /// Names come from files: those with control characters could write anything on a terminal, and those with half of
    /// a surrogate pair have no UTF-8 form, so that two of them could become one in a file.
    /// </summary>
    private void VerifyName(string name, string what, IrPart part)
    {
        if (name.Length == 0 || !IsPrintable(name))
            Report(IrDiagnostics.Name, $"{what}: expected characters that can be printed, found {TextEscapes.Quote(name)}", part);
    }

    private static bool IsPrintable(ReadOnlySpan<char> name)
    {
        while (!name.IsEmpty)
        {
            if (Rune.DecodeFromUtf16(name, out var rune, out var length) != OperationStatus.Done || Rune.IsControl(rune))
                return false;
            name = name[length..];
        }

        return true;
    }

    private void VerifyChain()
    {
        if (module.Blocks.IsEmpty)
        {
            Report(IrDiagnostics.BlockChain, "expected at least one block, found none", default);
            return;
        }

        ValueType expected = new(Tensors.ElementType.I32, ValueType.Tokens);
        foreach (var (index, block) in module.Blocks.Index())
        {
            if (!block.Parameter.Type.Equals(expected))
                Report(IrDiagnostics.BlockChain, $"expected a parameter of {expected}, found {block.Parameter.Type}", new IrPart(index));
            if (block.Find(block.Return) is not { } returned)
            {
                Report(IrDiagnostics.UnknownValue, $"the returned value %{TextEscapes.Name(block.Return)} is not defined", new IrPart(index));
                return;
            }

            if (!returned.Type.IsFeatures)
                Report(IrDiagnostics.BlockChain, $"expected a result of f32[T,n], found {returned.Type}", new IrPart(index));
            expected = returned.Type;
        }

        VerifyVocabulary(expected.Width);
    }

    /// <summary>There are logits, and every id that has one has a row in every embedding.</summary>
    private void VerifyVocabulary(long logits)
    {
        if (logits == 0)
            Report(IrDiagnostics.ShapeMismatch, "expected at least one logit a token, found none", new IrPart(module.Blocks.Length - 1));
        foreach (var (blockIndex, block) in module.Blocks.Index())
        {
            foreach (var (index, op) in block.Body.Index().Where(pair => pair.Item.Code == OpCode.Embedding))
            {
                if (op.Find("weight") is { } name && module.Resources.GetValueOrDefault(name) is { Shape.Rank: 2 } weight && weight.Shape[0] < logits)
                    Report(IrDiagnostics.ShapeMismatch, $"weight: expected at least {logits} rows, one a logit, found {weight.Shape}", new IrPart(blockIndex, index, name));
            }
        }
    }

    private void VerifyBlock(Block block, int index)
    {
        valueHints = null;
        var types = new Dictionary<string, ValueType>(StringComparer.Ordinal) { [block.Parameter.Name] = block.Parameter.Type };
        var definitions = new Dictionary<string, IrPart>(StringComparer.Ordinal) { [block.Parameter.Name] = new IrPart(index) };
        for (var i = 0; i < block.Body.Length; i++)
        {
            var op = block.Body[i];
            var part = new IrPart(index, i);
            if (!op.Info.Levels.Contains(module.Level))
                Report(IrDiagnostics.OpLevel, $"{op.Info.Name} stands at level {string.Join(" or ", op.Info.Levels.Select(level => level.Name()))}, the module is at {module.Level.Name()}", part);
            if (VerifyOperands(op, types, part) & VerifyAttributes(op, part))
                VerifyTypes(op, types, part);
            foreach (var result in op.Results)
            {
                if (!types.TryAdd(result.Name, result.Type))
                    Report(IrDiagnostics.DefinedTwice, $"{result} is defined twice", part, First(definitions[result.Name]));
                definitions.TryAdd(result.Name, part);
                VerifyName(result.Name, "the name of a value", part);
                if (result.Type.Dims.FirstOrDefault(dim => dim > int.MaxValue) is > 0 and var width)
                    Report(IrDiagnostics.ShapeMismatch, string.Create(CultureInfo.InvariantCulture, $"expected at most {int.MaxValue} features of {result}, found {width}"), part);
            }
        }
    }

    private bool VerifyOperands(Op op, Dictionary<string, ValueType> types, IrPart part)
    {
        var ok = true;
        var expected = op.Info.Operands.Where(role => role.IsRequired || op.Find(role.Name) is not null).ToImmutableArray();
        if (!expected.Select(role => role.Name).SequenceEqual(op.Operands.Select(operand => operand.Role), StringComparer.Ordinal))
        {
            Report(IrDiagnostics.Operands, $"expected ({string.Join(", ", expected.Select(role => role.Name))}), found ({string.Join(", ", op.Operands.Select(operand => operand.Role))})", part);
            return false;
        }

        foreach (var (role, operand) in expected.Zip(op.Operands))
        {
            if (operand.IsResource != role.IsResource)
            {
                Report(IrDiagnostics.Operands, $"{operand.Role}: expected a {(role.IsResource ? "resource" : "value")}, found {operand}", part);
                ok = false;
            }
            else if (operand.IsResource && !module.Resources.ContainsKey(operand.Name))
            {
                Report(IrDiagnostics.UnknownResource, $"{operand.Role}: {operand} does not exist", part with { Resource = operand.Name }, IsFull ? null : (resourceHints ??= NameHints.Resources(module)).Hint(operand.Name));
                ok = false;
            }
            else if (!operand.IsResource && !types.ContainsKey(operand.Name))
            {
                Report(IrDiagnostics.UnknownValue, $"{operand.Role}: {operand} is not defined here", part, ValueHint(module.Blocks[part.Block!.Value], operand.Name));
                ok = false;
            }
            else if (operand.IsResource && !StandsAt(module.Resources[operand.Name].Encoding, module.Level))
            {
                Report(IrDiagnostics.RoleEncoding, $"{operand.Role}: {module.Resources[operand.Name].TypeText} does not stand at level {module.Level.Name()}", part with { Resource = operand.Name });
            }
        }

        return ok;
    }

    /// <summary>Planes are trits until they are packed, and bits from then on.</summary>
    private static bool StandsAt(Encoding encoding, Level level) => encoding switch
    {
        Encoding.Trit => level != Level.Packed,
        Encoding.Sign1 or Encoding.Mask1 or Encoding.Bits1 => level == Level.Packed,
        _ => true,
    };

    private void VerifyTypes(Op op, Dictionary<string, ValueType> types, IrPart part)
    {
        var problems = new List<OpProblem>();
        var inferred = OpTyping.Infer(op, name => types.GetValueOrDefault(name), name => module.Resources.GetValueOrDefault(name), problems);
        foreach (var problem in problems)
            Report(problem.Rule, problem.Message, part with { Resource = problem.Resource });
        if (problems.Count == 0 && !inferred.IsDefault && !inferred.SequenceEqual(op.Results.Select(result => result.Type)))
            Report(IrDiagnostics.ResultType, $"expected {string.Join(", ", inferred)}, found {string.Join(", ", op.Results.Select(result => result.Type))}", part with { Resource = Matrix(op) });
    }

    /// <summary>The resource whose rows or columns are the width of the result, or null.</summary>
    private static string? Matrix(Op op) => op.Code switch
    {
        OpCode.Embedding or OpCode.Linear or OpCode.LmHead => op.Find("weight"),
        OpCode.FbiLinear => op.Find("latent"),
        OpCode.SignLinear or OpCode.BraqLinear => op.Find("sign"),
        OpCode.CodeLinear => op.Find("codes"),
        _ => null,
    };

    private string? First(IrPart part) => text?.LineOf(part) is { } line ? $"first in line {line}" : null;

    /// <summary>True where the bag drops further errors, so that nothing is searched for their hints.</summary>
    private bool IsFull => diagnostics.Items.Count >= DiagnosticBag.MaxErrors;

    private string? ValueHint(Block block, string name)
    {
        if (IsFull)
            return null;
        return block.Find(name) is { } later ? $"{later} is defined further down" : (valueHints ??= NameHints.Values(block)).Hint(name);
    }

    private void Report(DiagnosticDescriptor rule, string message, IrPart part, string? hint = null)
    {
        // The bag drops errors beyond its limit, so its count says nothing.
        isBroken = true;
        if (text is not null)
            text.Report(diagnostics, rule, message, part, hint);
        else
            diagnostics.Add(rule, message, new Place(file, part.Resource, Field(part)), hint);
    }

    private string? Field(IrPart part) => part switch
    {
        { Block: { } block, Op: { } op } => $"{Show(module.Blocks[block])}[{op}] {module.Blocks[block].Body[op].Info.Name}",
        { Block: { } block } => Show(module.Blocks[block]),
        _ => null,
    };

    private static string Show(Block block) => "@" + TextEscapes.Name(block.Name);
}
