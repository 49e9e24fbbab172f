using System.Collections.Immutable;

namespace BiMamba.IR;

/// <content>The linears with codes and with the sign planes of BiLLM.</content>
public sealed partial class OpTyping
{
    private const int MostCodeBits = 8;
    private const int WordBits = 32;

    private ImmutableArray<ValueType> CodeLinear()
    {
        var x = Features("x");
        var (bits, group) = (op.Int(Attributes.CodeBits), op.Int(Attributes.CodeGroup));
        if (bits is < 1 or > MostCodeBits)
            Shape($"bits: expected 1 to {MostCodeBits}, found {bits}");
        if (group < 0)
            Shape($"group: expected 0 or a number of columns, found {group}");
        if (problems.Count > 0 || Find("codes") is not { } codes || CodeShape(codes, bits) is not var (rows, columns))
            return default;
        if (x is not null && x.Width != columns)
            Shape($"expected {columns} columns, found {x.Width}", codes);
        var groups = group == 0 ? 1 : (columns + group - 1) / group;
        PerGroup("scale", Encoding.F32, rows, groups);
        PerGroup("zero", Encoding.U8, rows, groups);
        if (Find("scale") is { } scale && Find("zero") is { } zero && !zero.Shape.Equals(scale.Shape))
            Shape($"zero: expected {scale.Shape} as the scale, found {zero.Shape}", zero);
        if (Find("order") is { } order)
            Exactly("order", order, Encoding.U32, columns);
        Vector("bias", rows);
        return [ValueType.Features(rows)];
    }

    private (long Rows, long Columns)? CodeShape(Resource codes, int bits)
    {
        switch (codes.Encoding)
        {
            case Encoding.U8 when codes.Shape.Rank == 2:
                return (codes.Shape[0], codes.Shape[1]);
            case Encoding.Bits1 when codes.Shape[0] == bits:
                return (codes.Shape[1], codes.Shape[2]);
            case Encoding.Bits1:
                Shape($"codes: expected {bits} planes, found {codes.Shape[0]}", codes);
                return null;
            case Encoding.U8:
                Shape($"codes: expected two dimensions, found {codes.Shape}", codes);
                return null;
            default:
                Encoded("codes", "u8 or bits1", codes);
                return null;
        }
    }

    private void PerGroup(string role, Encoding encoding, long rows, long groups)
    {
        if (Find(role) is not { } vector)
            return;
        if (vector.Encoding != encoding)
            Encoded(role, encoding.Name(), vector);
        if (!(vector.Shape.Rank == 2 && (vector.Shape[0] == rows || vector.Shape[0] == 1) && vector.Shape[1] == groups))
            Shape($"{role}: expected [{rows},{groups}] or [1,{groups}], found {vector.Shape}", vector);
    }

    private ImmutableArray<ValueType> BraqLinear()
    {
        var x = Features("x");
        if (Matrix("sign") is not { } sign || Matrix("region") is not { } region)
            return default;
        if (sign.Encoding is not (Encoding.Trit or Encoding.Sign1))
            Encoded("sign", "trit or sign1", sign);
        if (region.Encoding != sign.Encoding)
            Encoded("region", $"{sign.Encoding.Name()} as the signs", region);
        if (!region.Shape.Equals(sign.Shape))
            Shape($"region: expected {sign.Shape} as the signs, found {region.Shape}", region);
        Columns(x, sign);
        var (rows, columns, block) = (sign.Shape[0], sign.Shape[1], op.Int(Attributes.BraqBlock));
        if (block < 1)
        {
            Shape($"block: expected a number of columns, found {block}");
            return default;
        }

        var blocks = (columns + block - 1) / block;
        Exactly("salient", Find("salient"), Encoding.U32, (columns + WordBits - 1) / WordBits);
        Exactly("scale", Find("scale"), Encoding.F16, rows, blocks, 4);
        Exactly("mean", Find("mean"), Encoding.F16, rows, blocks, 3);
        foreach (var role in (ReadOnlySpan<string>)["zeros", "region_zeros"])
        {
            if (Find(role) is not { } zeros)
                continue;
            if (zeros.Encoding != Encoding.U32 || sign.Encoding != Encoding.Sign1)
                Encoded(role, "u32 beside sign1 planes", zeros);
            else if (zeros.Shape.Rank != 1)
                Shape($"{role}: expected u32[count], found {zeros.TypeText}", zeros);
        }

        Vector("bias", rows);
        return [ValueType.Features(rows)];
    }

    private void Exactly(string role, Resource? found, Encoding encoding, params ReadOnlySpan<long> dims)
    {
        if (found is null)
            return;
        if (found.Encoding != encoding)
            Encoded(role, encoding.Name(), found);
        else if (!found.Shape.Dims.AsSpan().SequenceEqual(dims))
            Shape($"{role}: expected [{string.Join(',', dims.ToArray())}], found {found.Shape}", found);
    }

    private ImmutableArray<ValueType> Concat()
    {
        var (a, b) = (Features("a"), Features("b"));
        return a is null || b is null ? default : [ValueType.Features(a.Width + b.Width)];
    }
}
