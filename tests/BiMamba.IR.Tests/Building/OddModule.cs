using System.Collections.Immutable;
using BiMamba.Tensors;
using FsCheck;
using FsCheck.Fluent;

namespace BiMamba.IR.Tests;

/// <summary>Modules without weights that keep every rule and have names, attributes and numbers that nobody would choose.</summary>
internal sealed class OddModule
{
    /// <summary>Names that are other tokens, that need quotes, that differ by case or by what cannot be seen.</summary>
    private static readonly string[] OddNames =
    [
        "true", "false", "inf", "-inf", "inf-x", "nan", "nan-1", "-1", "0x1f", "1e5", "1.5", "T", "t", "return", "module", "resource", "block", "level",
        "a b", "a.b", "a..b", ".a", "a.", "a-", "-", "a-b.c-d", "a.-b", "A", "a", "_", "\"", "\\", "\\n", "\\u0041", "'", ";", "; x: y", "#", "@", "%", "%x", "{}", "->", "=", ",",
        " ", "\u00A0", "\u202E", "\u200B", "\u2028", "\uFEFF", "\uFFFD", "é", "e\u0301", "İ", "ı", "ſ", "\U0001F600", "名前", "layers.0.norm.weight", "layers.00.norm.weight",
    ];

    private readonly ImmutableArray<string> names;
    private readonly Level level;
    private readonly Numbers numbers;
    private readonly Dictionary<string, Resource> resources = new(StringComparer.Ordinal);
    private int next;

    private OddModule(ImmutableArray<string> names, Level level, int seed)
    {
        this.names = names;
        this.level = level;
        numbers = new Numbers(seed);
    }

    /// <summary>Names that can be printed, all different.</summary>
    public static Gen<ImmutableArray<string>> Names { get; } =
        from odd in Gen.Shuffle(OddNames)
        from free in Gen.ArrayOf(ArbMap.Default.GeneratorFor<UnicodeString>().Select(text => text.Get ?? ""), 20)
        select odd.Concat(free.Where(IsName)).Distinct(StringComparer.Ordinal).ToImmutableArray();

    /// <summary>Numbers of every kind: signed zeros, subnormal ones, the largest, infinities, no number.</summary>
    private static Gen<double> Floats { get; } = Gen.OneOf(
        Gen.Elements(0.0, -0.0, double.Epsilon, -double.Epsilon, 2.2250738585072011e-308, double.MaxValue, double.MinValue, double.PositiveInfinity, double.NegativeInfinity, double.NaN, 1, 1e16, 123456789012345680, 1e-5, 0.1),
        ArbMap.Default.GeneratorFor<double>());

    private static Gen<AttributeValue> Values { get; } = Gen.OneOf(
        Floats.Select(value => (AttributeValue)new AttributeValue.Float(value)),
        Gen.OneOf(Gen.Elements(long.MinValue, long.MaxValue, 0), ArbMap.Default.GeneratorFor<long>()).Select(value => (AttributeValue)new AttributeValue.Int(value)),
        ArbMap.Default.GeneratorFor<bool>().Select(value => (AttributeValue)new AttributeValue.Bool(value)),
        ArbMap.Default.GeneratorFor<long[]>().Select(values => (AttributeValue)new AttributeValue.Ints([.. values])),
        Gen.Elements(OddNames).Select(value => (AttributeValue)new AttributeValue.Word(value)));

    /// <summary>Modules of every level.</summary>
    public static Gen<Module> Modules { get; } =
        from names in Names
        from level in Gen.Elements(Enum.GetValues<Level>())
        from seed in Gen.Choose(0, int.MaxValue - 1)
        from values in Gen.ArrayOf(Values)
        from eps in Floats
        select new OddModule(names, level, seed).Build([.. values.Take(names.Length)], eps);

    private static bool IsName(string text) =>
        text.Length > 0 && !text.Any(char.IsControl) && !text.EnumerateRunes().Contains(System.Text.Rune.ReplacementChar);

    private Module Build(IReadOnlyList<AttributeValue> values, double eps)
    {
        var width = 2 + numbers.Below(40);
        var vocabulary = 1 + numbers.Below(9);
        var blocks = new List<Block> { Embed(vocabulary, width) };
        for (var i = numbers.Below(3); i > 0; i--)
            blocks.Add(Layer(width, eps));
        var head = Start(width, out var x);
        blocks.Add(head.Return(head.Add(Name(), OpCode.LmHead, [("x", x), ("weight", Put(Plain(), vocabulary, width))])));
        ImmutableArray<KeyValuePair<string, AttributeValue>> attributes = [.. values.Select((value, index) => KeyValuePair.Create(names[index], value))];
        return new Module(Name(), level, attributes, Module.ResourceMap(resources.Values), [.. blocks]);
    }

    private Block Embed(int vocabulary, int width)
    {
        var ids = Name();
        var block = new BlockBuilder(Name(), new Value(ids, new ValueType(ElementType.I32, ValueType.Tokens)), name => resources[name]);
        var encoding = numbers.Below(2) == 0 ? Plain() : numbers.Below(2) == 0 ? Encoding.I8 : Encoding.I4;
        var group = encoding.IsFloat() ? 0 : 1 + numbers.Below(width);
        var scale = group == 0 ? null : Put(Encoding.BF16, vocabulary, (width + group - 1) / group);
        return block.Return(block.Add(Name(), OpCode.Embedding, [("ids", ids), ("weight", Put(encoding, vocabulary, width)), ("scale", scale)], (Attributes.ScaleGroup, new AttributeValue.Int(group))));
    }

    private Block Layer(int width, double eps)
    {
        var block = Start(width, out var x);
        var n = block.Add(Name(), OpCode.RmsNorm, [("x", x), ("weight", numbers.Below(2) == 0 ? Put(Plain(), width) : null)], (Attributes.Eps, new AttributeValue.Float(eps)));
        var p = level switch
        {
            Level.Float => block.Add(Name(), OpCode.Linear, [("x", n), ("weight", Put(Plain(), width, width)), ("bias", Put(Plain(), width))]),
            Level.Fbi => block.Add(Name(), OpCode.FbiLinear, [("x", n), ("latent", Put(Plain(), width, width)), ("scale", Put(Plain(), 1, width)), ("shift", Put(Plain(), 1, width))], (Attributes.Pattern, new AttributeValue.Word("column"))),
            Level.Quant => block.Add(Name(), OpCode.SignLinear, [("x", n), ("sign", Put(Encoding.Trit, width, width)), ("row_scale", Put(Plain(), width))]),
            _ => block.Add(Name(), OpCode.SignLinear, [("x", n), ("sign", Put(Encoding.Sign1, width, width)), ("zeros", numbers.Below(2) == 0 ? Put(Encoding.Mask1, width, width) : Put(Encoding.U32, 1 + numbers.Below(9)))]),
        };
        var (left, right) = (Name(), Name());
        block.AddMany([left, right], OpCode.Split, [("x", p)], (Attributes.Sizes, new AttributeValue.Ints([width - 1, 1])));
        return block.Return(block.Add(Name(), OpCode.Add, [("a", x), ("b", p)]));
    }

    private BlockBuilder Start(int width, out string parameter) => new(Name(), new Value(parameter = Name(), ValueType.Features(width)), name => resources[name]);

    /// <summary>The next name; behind the last one they begin again with something put before.</summary>
    private string Name()
    {
        var name = string.Concat(Enumerable.Repeat("\"", next / names.Length)) + names[next % names.Length];
        next++;
        return name;
    }

    private Encoding Plain() => (Encoding)numbers.Below(4);

    private string Put(Encoding encoding, params ReadOnlySpan<long> dims)
    {
        var hash = numbers.Below(3) == 0 ? null : (numbers.Bits() & 0xFFFFFF).ToString("x6", System.Globalization.CultureInfo.InvariantCulture);
        var resource = Resource.Declared(Name(), encoding, Shape.Of(dims), hash);
        resources[resource.Name] = resource;
        return resource.Name;
    }
}
