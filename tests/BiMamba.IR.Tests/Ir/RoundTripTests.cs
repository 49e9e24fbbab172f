using BiMamba.Diagnostics;
using BiMamba.IR.Reading;
using BiMamba.Tensors;
using BiMamba.Text;
using FsCheck;
using FsCheck.Fluent;

namespace BiMamba.IR.Tests;

/// <summary>What the printer prints, the parser reads: the same text and the same module, whatever its names and numbers are.</summary>
public sealed class RoundTripTests
{
    private static Config Config => Config.QuickThrowOnFailure.WithMaxTest(1000).WithQuietOnSuccess(true);

    [Fact]
    public void Modules_of_every_level_with_odd_names_read_back() => Check.One(Config, Prop.ForAll(OddModule.Modules.ToArbitrary(), module =>
    {
        var bag = new DiagnosticBag();
        Assert.True(Verifier.Verify(module, "module", bag), string.Join('\n', bag.Items));
        AssertReadsBack(module, verified: true);
    }));

    /// <summary>No op takes every encoding, so these modules keep the grammar only.</summary>
    [Fact]
    public void Resources_of_every_encoding_and_shape_read_back()
    {
        var modules =
            from names in OddModule.Names
            from dims in Gen.ArrayOf(Gen.OneOf(Gen.Choose(0, 3), Gen.Choose(0, int.MaxValue - 1)), 2)
            from rank in Gen.Choose(0, Shape.MaxRank)
            select new Module("m", Level.Packed, [], Module.ResourceMap(names.Select((name, index) => OfEncoding(name, index, dims, rank))), [new Block("b", new Value("x", ValueType.Features(1)), [], "x")]);
        Check.One(Config, Prop.ForAll(modules.ToArbitrary(), module => AssertReadsBack(module, verified: false)));
    }

    [Fact]
    public void A_module_with_an_attribute_twice_or_half_a_character_is_refused()
    {
        var module = Mamba1Sample.Build();
        var bag = new DiagnosticBag();
        Assert.False(Verifier.Verify(module with { Attributes = [new("a", new AttributeValue.Int(1)), new("a", new AttributeValue.Int(1)), new("\uD800", new AttributeValue.Word("x\uDC00\uD800"))] }, "module", bag));
        Assert.Equal(["BIM2001", "BIM2012", "BIM2012"], bag.Items.Select(item => item.Id));
    }

    private static Resource OfEncoding(string name, int index, int[] dims, int rank)
    {
        var encoding = Encodings.All[index % Encodings.All.Length].Encoding;
        var shape = encoding == Encoding.Bits1 ? Shape.Of(2, dims[0], dims[1]) : encoding.Info().Element is null ? Shape.Of(dims[0], dims[1]) : Shape.Of([.. Enumerable.Range(0, rank).Select(axis => axis == 0 ? (long)dims[0] : 2)]);
        return Resource.Declared(name, encoding, shape, index % 2 == 0 ? null : "0a1b2c");
    }

    private static void AssertReadsBack(Module module, bool verified)
    {
        var text = IrPrinter.Print(module);
        var bag = new DiagnosticBag();
        var source = new SourceText("printed", text);
        var again = (verified ? IrParser.Parse(source, bag) : IrParser.ParseUnverified(source, bag))?.Module;
        Assert.True(again is not null, string.Join('\n', bag.Items));
        Assert.Equal(text, IrPrinter.Print(again));
        Assert.Equal((module.Name, module.Level), (again.Name, again.Level));
        Assert.Equal(module.Attributes.AsEnumerable(), again.Attributes);
        Assert.Equal(module.Resources.Keys, again.Resources.Keys);
        Assert.All(module.Resources.Values, row => Assert.Equal((row.Encoding, row.TypeText, row.ShortHash), (again.Resources[row.Name].Encoding, again.Resources[row.Name].TypeText, again.Resources[row.Name].ShortHash)));
        Assert.Equal(module.Blocks.Select(block => block.Name), again.Blocks.Select(block => block.Name));
        foreach (var (left, right) in module.Blocks.SelectMany(block => block.Body).Zip(again.Blocks.SelectMany(block => block.Body)))
        {
            Assert.Equal(left.Code, right.Code);
            Assert.Equal(left.Results.AsEnumerable(), right.Results);
            Assert.Equal(left.Operands.AsEnumerable(), right.Operands);
            Assert.Equal(left.Attributes.OrderBy(pair => pair.Key, StringComparer.Ordinal), right.Attributes.OrderBy(pair => pair.Key, StringComparer.Ordinal));
        }
    }
}
