using System.Collections.Immutable;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Formats.Spec;
using BiMamba.IR;
using BiMamba.Tensors;
using ValueType = BiMamba.IR.ValueType;

namespace BiMamba.Formats.Bimb;

/// <summary>Reads the record <c>module</c> of a tree that has passed its checks.</summary>
internal sealed class BimbModuleReader
{
    private readonly IReadOnlyList<BimbTensor> tensors;
    private readonly string file;
    private readonly DiagnosticBag diagnostics;
    private bool failed;

    private BimbModuleReader(IReadOnlyList<BimbTensor> tensors, string file, DiagnosticBag diagnostics)
    {
        this.tensors = tensors;
        this.file = file;
        this.diagnostics = diagnostics;
    }

    /// <summary>The module, or null with diagnostics where it names what the op table does not know.</summary>
    internal static Module? Read(SpecRecordNode module, IReadOnlyList<BimbTensor> tensors, string file, DiagnosticBag diagnostics)
    {
        var reader = new BimbModuleReader(tensors, file, diagnostics);
        var result = reader.Module(module);
        return reader.failed ? null : result;
    }

    private Module Module(SpecRecordNode module) => new(
        module.Text("name"),
        BimbWords.FindLevel(module.Word("level")) ?? Unknown<Level>(module["level"], "level"),
        [.. module.Items("attributes").Select(Attribute)],
        IR.Module.ResourceMap(tensors.Select(tensor => tensor.ToResource())),
        [.. module.Items("blocks").Select(node => Block((SpecRecordNode)node))]);

    private Block Block(SpecRecordNode block) => new(
        block.Text("name"),
        Value(block.RecordAt("parameter")),
        [.. block.Items("ops").Select(node => Op((SpecRecordNode)node)).OfType<Op>()],
        block.Text("result"));

    private Op? Op(SpecRecordNode op)
    {
        if (Ops.Find(op.Text("name")) is not { } info)
        {
            failed = true;
            diagnostics.Add(BimbDiagnostics.Unsupported, $"expected an op of the op table, found '{op.Text("name")}'", Place(op["name"]), "use a newer version of the tool");
            return null;
        }

        return new Op(
            info.Code,
            [.. op.Items("results").Select(node => Value((SpecRecordNode)node))],
            [.. op.Items("operands").Select(node => Operand((SpecRecordNode)node))],
            op.Items("attributes").Select(Attribute).ToImmutableDictionary(StringComparer.Ordinal));
    }

    private Operand Operand(SpecRecordNode operand)
    {
        var target = (SpecUnionNode)operand["target"];
        return target.Content is SpecRecordNode resource
            ? IR.Operand.Resource(operand.Text("role"), tensors[(int)resource.Integer("index")].Name)
            : IR.Operand.Value(operand.Text("role"), ((SpecTextNode)target.Content!).Value);
    }

    private Value Value(SpecRecordNode value)
    {
        var encoding = BimbWords.FindEncoding(value.Word("element"));
        var element = encoding?.Info().Element ?? Unknown<ElementType>(value["element"], "element type");
        return new Value(value.Text("name"), new ValueType(element, [.. Integers(value["dims"])]));
    }

    private static KeyValuePair<string, AttributeValue> Attribute(SpecNode node)
    {
        var attribute = (SpecRecordNode)node;
        var content = ((SpecUnionNode)attribute["value"]).Content!;
        return new(attribute.Text("key"), content switch
        {
            SpecIntegerNode { Enum: not null } truth => new AttributeValue.Bool(truth.Word == "true"),
            SpecIntegerNode number => new AttributeValue.Int(number.Int64),
            SpecFloatNode number => new AttributeValue.Float(number.Value),
            SpecTextNode word => new AttributeValue.Word(word.Value),
            SpecArrayNode => new AttributeValue.Ints(Integers(content)),
            _ => throw new InvalidOperationException($"unknown attribute value {content.Type}"),
        });
    }

    private static ImmutableArray<long> Integers(SpecNode array) => [.. ((SpecArrayNode)array).Items.Select(item => ((SpecIntegerNode)item).Int64)];

    private T Unknown<T>(SpecNode node, string what)
        where T : struct
    {
        failed = true;
        diagnostics.Add(BimbDiagnostics.Unsupported, $"expected a known {what}, found {SpecInspector.Show(node)}", Place(node), "use a newer version of the tool");
        return default;
    }

    private Place Place(SpecNode node) => new(file, Field: node.Path, Offset: node.Offset);
}
