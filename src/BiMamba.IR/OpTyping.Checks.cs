using System.Collections.Immutable;
using BiMamba.Diagnostics.Tables;

namespace BiMamba.IR;

/// <content>Checks of one operand, which the ops share.</content>
public sealed partial class OpTyping
{
    private void Codes(Resource? weight)
    {
        if (weight is null)
            return;
        var isCode = weight.Encoding is Encoding.I8 or Encoding.I4;
        if (!isCode && !weight.Encoding.IsFloat())
            Encoded("weight", "floating point, i8 or i4", weight);
        var group = op.Int(Attributes.ScaleGroup);
        var scale = Find("scale");
        if (isCode != scale is not null || isCode != group > 0)
        {
            problems.Add(new OpProblem(IrDiagnostics.Operands, "integer codes have a scale and a group, other weights have neither", weight.Name));
            return;
        }

        if (scale is null)
            return;
        if (scale.Encoding != Encoding.BF16)
            Encoded("scale", "bf16", scale);
        var groups = (weight.Shape[1] + group - 1) / group;
        if (!(scale.Shape.Rank == 2 && scale.Shape[0] == weight.Shape[0] && scale.Shape[1] == groups))
            Shape($"scale: expected [{weight.Shape[0]},{groups}], found {scale.Shape}", scale);
    }

    private ImmutableArray<ValueType> Same(string role) => One(Features(role));

    private static ImmutableArray<ValueType> One(ValueType? type) => type is null ? default : [type];

    private ValueType? Features(string role)
    {
        var type = valueType(op.Get(role));
        if (type is null || type.IsFeatures)
            return type;
        Shape($"{role}: expected f32[T,n], found {type}");
        return null;
    }

    private Resource? Find(string role) => op.Find(role) is { } name ? resource(name) : null;

    private Resource? Matrix(string role)
    {
        if (Find(role) is not { } weight)
            return null;
        if (weight.Shape.Rank == 2)
            return weight;
        Shape($"{role}: expected two dimensions, found {weight.Shape}", weight);
        return null;
    }

    private Resource? FloatMatrix(string role)
    {
        if (Matrix(role) is not { } weight)
            return null;
        Floats(role, weight);
        return weight;
    }

    private void Columns(ValueType? x, Resource weight)
    {
        if (x is not null && x.Width != weight.Shape[1])
            Shape($"expected {weight.Shape[1]} columns, found {x.Width}", weight);
    }

    private void Vector(string role, long? length)
    {
        if (Find(role) is not { } vector)
            return;
        Floats(role, vector);
        if (length is { } expected && !(vector.Shape.Rank == 1 && vector.Shape[0] == expected))
            Shape($"{role}: expected [{expected}], found {vector.Shape}", vector);
    }

    private void Floats(string role, Resource weight)
    {
        if (!weight.Encoding.IsFloat())
            Encoded(role, "floating point", weight);
    }

    private void Encoded(string role, string expected, Resource found) =>
        problems.Add(new OpProblem(IrDiagnostics.RoleEncoding, $"{role}: expected {expected}, found {found.TypeText}", found.Name));

    private void Shape(string message, Resource? found = null) =>
        problems.Add(new OpProblem(IrDiagnostics.ShapeMismatch, message, found?.Name));
}
