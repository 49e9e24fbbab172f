using System.Collections.Immutable;
using System.Globalization;
using BiMamba.Diagnostics;
using BiMamba.Tensors;

namespace BiMamba.IR;

/// <summary>One broken rule of an op.</summary>
public sealed record OpProblem(DiagnosticDescriptor Rule, string Message, string? Resource = null);

/// <summary>Infers the types of an op's results from its operands and checks their shapes and encodings.</summary>
public sealed partial class OpTyping
{
    private readonly Op op;
    private readonly Func<string, ValueType?> valueType;
    private readonly Func<string, Resource?> resource;
    private readonly List<OpProblem> problems;

    private OpTyping(Op op, Func<string, ValueType?> valueType, Func<string, Resource?> resource, List<OpProblem> problems)
    {
        this.op = op;
        this.valueType = valueType;
        this.resource = resource;
        this.problems = problems;
    }

    /// <summary>
    /// The types of the results; default where they cannot be inferred. Broken rules are appended to the list.
    /// </summary>
    /// <param name="op">The op, with operands and attributes as the op table wants them.</param>
    /// <param name="valueType">The type of a defined value, or null.</param>
    /// <param name="resource">A resource, or null.</param>
    /// <param name="problems">Receives broken rules.</param>
    public static ImmutableArray<ValueType> Infer(Op op, Func<string, ValueType?> valueType, Func<string, Resource?> resource, List<OpProblem> problems) =>
        new OpTyping(op, valueType, resource, problems).Infer();

    private ImmutableArray<ValueType> Infer() => op.Code switch
    {
        OpCode.Embedding => Embedding(),
        OpCode.RmsNorm => RmsNorm(),
        OpCode.Linear => Linear("weight"),
        OpCode.FbiLinear => FbiLinear(),
        OpCode.SignLinear => SignLinear(),
        OpCode.CodeLinear => CodeLinear(),
        OpCode.BraqLinear => BraqLinear(),
        OpCode.Split => Split(),
        OpCode.Concat => Concat(),
        OpCode.CausalConv1d => Conv(),
        OpCode.SsdScan => SsdScan(),
        OpCode.SelectiveScan => SelectiveScan(),
        OpCode.GatedRmsNorm => GatedRmsNorm(),
        OpCode.Silu => Same("x"),
        OpCode.Add => Add(),
        OpCode.LmHead => LmHead(),
        OpCode.Scale => Scale(),
        _ => throw new InvalidOperationException($"unknown op {op.Code}"),
    };

    private ImmutableArray<ValueType> Embedding()
    {
        if (valueType(op.Get("ids")) is { } ids && !(ids.Element == ElementType.I32 && ids.Dims is [ValueType.Tokens]))
            Shape($"ids: expected i32[T], found {ids}");
        var weight = Matrix("weight");
        Codes(weight);
        return weight is null ? default : [ValueType.Features(weight.Shape[1])];
    }

    private ImmutableArray<ValueType> RmsNorm()
    {
        var x = Features("x");
        Vector("weight", x?.Width);
        return One(x);
    }

    private ImmutableArray<ValueType> Scale()
    {
        var x = Features("x");
        Vector("weight", x?.Width);
        return One(x);
    }

    private ImmutableArray<ValueType> Linear(string role)
    {
        var x = Features("x");
        var weight = FloatMatrix(role);
        if (weight is null)
            return default;
        Columns(x, weight);
        Vector("bias", weight.Shape[0]);
        return [ValueType.Features(weight.Shape[0])];
    }

    private ImmutableArray<ValueType> FbiLinear()
    {
        var result = Linear("latent");
        if (Find("latent") is not { Shape.Rank: 2 } latent)
            return default;
        var (rows, columns) = (latent.Shape[0], latent.Shape[1]);
        foreach (var role in (ReadOnlySpan<string>)["scale", "shift"])
        {
            if (Find(role) is not { } vector)
                continue;
            Floats(role, vector);
            var fits = op.Word(Attributes.Pattern) switch
            {
                "column" => vector.Shape.Rank == 2 && vector.Shape[0] == 1 && vector.Shape[1] == columns,
                "row" => vector.Shape.Rank == 2 && vector.Shape[0] == rows && vector.Shape[1] == 1,
                _ => vector.Shape.Rank == 1 && vector.Shape[0] == 1,
            };
            if (!fits)
                Shape($"{role}: a {op.Word(Attributes.Pattern)} pattern of [{rows},{columns}] expects {PatternShape(rows, columns)}, found {vector.Shape}", vector);
        }

        return result;
    }

    private string PatternShape(long rows, long columns) => op.Word(Attributes.Pattern) switch
    {
        "column" => $"[1,{columns}]",
        "row" => $"[{rows},1]",
        _ => "[1]",
    };

    private ImmutableArray<ValueType> SignLinear()
    {
        var x = Features("x");
        if (Matrix("sign") is not { } sign)
            return default;
        if (sign.Encoding is not (Encoding.Trit or Encoding.Sign1))
            Encoded("sign", "trit or sign1", sign);
        Columns(x, sign);
        var (rows, columns) = (sign.Shape[0], sign.Shape[1]);
        Vector("column_scale", columns);
        Vector("column_shift", columns);
        Vector("zero_shift", columns);
        Vector("row_scale", rows);
        Vector("row_shift", rows);
        Vector("bias", rows);
        if (Find("zeros") is { } zeros)
        {
            if (zeros.Encoding is not (Encoding.U32 or Encoding.Mask1) || sign.Encoding != Encoding.Sign1)
                Encoded("zeros", "u32 or mask1 beside a sign1 plane", zeros);
            else if (zeros.Encoding == Encoding.Mask1 ? !zeros.Shape.Equals(sign.Shape) : zeros.Shape.Rank != 1)
                Shape($"zeros: expected u32[count] or mask1{sign.Shape}, found {zeros.TypeText}", zeros);
        }

        return [ValueType.Features(rows)];
    }

    private ImmutableArray<ValueType> Split()
    {
        var sizes = op.Ints(Attributes.Sizes);
        if (sizes.Any(size => size <= 0))
            Shape("sizes: every part is at least one column wide");
        // Sizes come from files: their sum may not fit 64 bits.
        var sum = sizes.Aggregate((Int128)0, (total, size) => total + size);
        if (Features("x") is { } x && x.Width != sum)
            Shape(string.Create(CultureInfo.InvariantCulture, $"sizes: expected a sum of {x.Width}, found {sum}"));
        return [.. sizes.Select(ValueType.Features)];
    }

    private ImmutableArray<ValueType> Conv()
    {
        var x = Features("x");
        if (Find("weight") is { } weight && x is not null)
        {
            Floats("weight", weight);
            if (!(weight.Shape.Rank == 3 && weight.Shape[0] == x.Width && weight.Shape[1] == 1 && weight.Shape[2] >= 1))
                Shape($"weight: expected [{x.Width},1,width], found {weight.Shape}", weight);
        }

        Vector("bias", x?.Width);
        return One(x);
    }

    private ImmutableArray<ValueType> SsdScan()
    {
        var x = Features("x");
        long heads = op.Int(Attributes.Heads), groups = op.Int(Attributes.Groups);
        if (x is null)
            return default;
        if (heads <= 0 || x.Width % heads != 0)
            Shape($"x: expected a multiple of {heads} heads, found {x.Width} columns");
        if (Features("dt") is { } dt && dt.Width != heads)
            Shape($"dt: expected {heads} columns, one a head, found {dt.Width}");
        var (b, c) = (Features("b"), Features("c"));
        if (groups <= 0 || heads % groups != 0)
            Shape($"groups: expected a divisor of {heads} heads, found {groups}");
        else if (b is not null && c is not null && (b.Width != c.Width || b.Width % groups != 0))
            Shape($"b, c: expected the same multiple of {groups} groups, found {b.Width} and {c.Width} columns");
        Vector("a_log", heads);
        Vector("dt_bias", heads);
        if (Find("d") is not { } d)
            return [x];
        Floats("d", d);
        if (!(d.Shape.Rank == 1 && (d.Shape[0] == heads || d.Shape[0] == x.Width)))
            Shape($"d: expected [{heads}] or [{x.Width}], found {d.Shape}", d);
        return [x];
    }

    private ImmutableArray<ValueType> SelectiveScan()
    {
        var x = Features("x");
        foreach (var role in (ReadOnlySpan<string>)["dt", "z"])
        {
            if (Features(role) is { } other && x is not null && other.Width != x.Width)
                Shape($"{role}: expected {x.Width} columns, found {other.Width}");
        }

        var (b, c) = (Features("b"), Features("c"));
        if (b is not null && c is not null && b.Width != c.Width)
            Shape($"b, c: expected the same width, found {b.Width} and {c.Width}");
        if (Find("a_log") is { } aLog && x is not null && b is not null)
        {
            Floats("a_log", aLog);
            if (!(aLog.Shape.Rank == 2 && aLog.Shape[0] == x.Width && aLog.Shape[1] == b.Width))
                Shape($"a_log: expected [{x.Width},{b.Width}], found {aLog.Shape}", aLog);
        }

        Vector("d", x?.Width);
        Vector("dt_bias", x?.Width);
        return One(x);
    }

    private ImmutableArray<ValueType> GatedRmsNorm()
    {
        var x = Features("x");
        if (Features("z") is { } z && x is not null && z.Width != x.Width)
            Shape($"z: expected {x.Width} columns, found {z.Width}");
        Vector("weight", x?.Width);
        var group = op.Int(Attributes.NormGroupSize);
        if (x is not null && (group <= 0 || x.Width % group != 0))
            Shape($"group_size: expected a divisor of {x.Width}, found {group}");
        return One(x);
    }

    private ImmutableArray<ValueType> Add()
    {
        var (a, b) = (Features("a"), Features("b"));
        if (a is not null && b is not null && !a.Equals(b))
            Shape($"expected two values of one type, found {a} and {b}");
        return One(a);
    }

    private ImmutableArray<ValueType> LmHead()
    {
        var x = Features("x");
        var weight = Matrix("weight");
        Codes(weight);
        if (weight is null)
            return default;
        Columns(x, weight);
        Vector("bias", weight.Shape[0]);
        return [ValueType.Features(weight.Shape[0])];
    }
}
