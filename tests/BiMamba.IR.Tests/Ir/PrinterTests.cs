using BiMamba.Testing;

namespace BiMamba.IR.Tests;

/// <summary>The text form of modules.</summary>
public sealed class PrinterTests
{
    private static readonly Dictionary<string, Func<Module>> Snapshots = new(StringComparer.Ordinal)
    {
        ["mamba1-float"] = () => Mamba1Sample.Build(),
        ["fusable-float"] = () => new FusableSample().Build(),
        ["low-bit-quant"] = LowBitSample.Build,
        ["low-bit-packed"] = () => Running.Apply(LowBitSample.Build(), "pack"),
        ["bimamba2-fbi"] = () => new Mamba2Sample().Build(),
        ["bimamba2-quant"] = () => Running.Apply(new Mamba2Sample().Build(), "fold-fbi"),
        ["bimamba2-packed"] = () => Running.Apply(new Mamba2Sample { DtMax = 0.25 }.Build(), "fold-fbi{fidelity=official-fp16} | quantize-embedding{bits=4, group=8} | pack"),
    };

    public static TheoryData<string> Names => [.. Snapshots.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Modules_print_as_their_snapshots(string name)
    {
        var module = Snapshots[name]();
        var bag = new Diagnostics.DiagnosticBag();
        Assert.True(Verifier.Verify(module, name, bag), string.Join('\n', bag.Items));
        Golden.Match(Repository.Golden("ir", "print", name + ".verified.bmir"), IrPrinter.Print(module));
    }

    [Fact]
    public void Every_snapshot_file_has_a_module() => Assert.Equal(
        Snapshots.Keys.Order(StringComparer.Ordinal),
        Directory.EnumerateFiles(Repository.Golden("ir", "print"), "*.verified.*").Select(path => Path.GetFileName(path).Split('.')[0]).Order(StringComparer.Ordinal));

    [Fact]
    public void Every_op_of_the_table_appears_in_a_snapshot()
    {
        var printed = Snapshots.Values.SelectMany(build => build().Blocks).SelectMany(block => block.Body).Select(op => op.Code).ToHashSet();
        Assert.Empty(Ops.All.Select(row => row.Code).Except(printed));
    }

    [Fact]
    public void Rows_of_the_op_table_stand_at_their_codes()
    {
        Assert.Equal(Enum.GetValues<OpCode>(), Ops.All.Select(row => row.Code));
        Assert.Equal(Ops.All.Length, Ops.All.Select(row => row.Name).Distinct(StringComparer.Ordinal).Count());
        Assert.All(Ops.All, row => Assert.Same(row, Ops.Find(row.Name)));
        Assert.Null(Ops.Find("fold"));
    }

    [Fact]
    public void Hashes_are_left_out_on_request()
    {
        var module = Mamba1Sample.Build();
        var lines = IrPrinter.Print(module).Split('\n');
        var plain = IrPrinter.Print(module, withHashes: false).Split('\n');
        Assert.Equal(plain, lines.Select(line => line.StartsWith("resource ", StringComparison.Ordinal) ? line[..^(Resource.HashDigits + 2)] : line));
    }

    [Theory]
    [InlineData(0d, "0.0")]
    [InlineData(-0d, "-0.0")]
    [InlineData(1d, "1.0")]
    [InlineData(1e-5, "1e-05")]
    [InlineData(0.1, "0.1")]
    [InlineData(1e300, "1e+300")]
    [InlineData(double.PositiveInfinity, "inf")]
    [InlineData(double.NegativeInfinity, "-inf")]
    [InlineData(double.NaN, "nan")]
    [InlineData(double.Epsilon, "5e-324")]
    public void Floats_print_so_that_they_are_no_integers(double value, string expected) =>
        Assert.Equal(expected, new AttributeValue.Float(value).ToString());

    [Fact]
    public void Attribute_values_print()
    {
        Assert.Equal("-7", new AttributeValue.Int(-7).ToString());
        Assert.Equal("true", new AttributeValue.Bool(true).ToString());
        Assert.Equal("silu", new AttributeValue.Word("silu").ToString());
        Assert.Equal("[]", new AttributeValue.Ints([]).ToString());
        Assert.Equal("[1, -2]", new AttributeValue.Ints([1, -2]).ToString());
        Assert.Equal(new AttributeValue.Ints([1, -2]), new AttributeValue.Ints([1, -2]));
        Assert.NotEqual(new AttributeValue.Ints([1, 2]), new AttributeValue.Ints([1, -2]));
    }

    [Fact]
    public void Types_print_tokens_as_T()
    {
        Assert.Equal("f32[T,1536]", ValueType.Features(1536).ToString());
        Assert.Equal("i32[T]", new ValueType(Tensors.ElementType.I32, ValueType.Tokens).ToString());
        Assert.Equal(ValueType.Features(3), ValueType.Features(3));
        Assert.NotEqual(ValueType.Features(3), ValueType.Features(4));
    }
}
