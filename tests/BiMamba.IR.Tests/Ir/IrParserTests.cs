using BiMamba.Diagnostics;
using BiMamba.IR.Reading;
using BiMamba.Testing;
using BiMamba.Text;

namespace BiMamba.IR.Tests;

/// <summary>IR text: what it says, and where it is wrong.</summary>
public sealed class IrParserTests
{
    public static TheoryData<string> Texts => [.. Directory.GetFiles(Repository.Golden("ir"), "*.verified.bmir", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Select(file => Path.GetRelativePath(Repository.Root, file))];

    [Theory]
    [MemberData(nameof(Texts))]
    public void A_printed_module_reads_back_to_the_same_text(string file)
    {
        var text = File.ReadAllText(Path.Combine(Repository.Root, file)).ReplaceLineEndings("\n");
        var bag = new DiagnosticBag();
        var parsed = IrParser.Parse(new SourceText(file, text), bag);
        Assert.True(parsed is not null, string.Join('\n', bag.Items));
        Assert.Equal(text, IrPrinter.Print(parsed.Module));
    }

    [Theory]
    [InlineData("an odd name", "\"an odd name\"")]
    [InlineData("a\"b", "\"a\\\"b\"")]
    [InlineData("layers.0-x", "layers.0-x")]
    [InlineData("", "\"\"")]
    public void A_name_that_is_no_word_stands_in_quotes(string name, string text)
    {
        var module = new Mamba2Sample().Build() with { Name = name };
        var print = IrPrinter.Print(module);
        Assert.StartsWith($"module @{text} level fbi", print, StringComparison.Ordinal);
        Assert.Equal(name, IrParser.ParseUnverified(new SourceText("x", print), new DiagnosticBag())!.Module.Name);
    }

    [Theory]
    [InlineData("BIM0001", "level fbi", "fbi", "expected 'level', found 'fbi'")]
    [InlineData("BIM0001", "= rms_norm", "rms_norm", "expected ',' or '=', found 'rms_norm'")]
    [InlineData("BIM0001", "f32[T,12] {", "f32[T 12] {", "expected ',' or ']', found '12'")]
    [InlineData("BIM2201", "rms_norm", "rms_nrm", "there is no op 'rms_nrm'; hint: did you mean 'rms_norm'?")]
    [InlineData("BIM2201", "level fbi", "level fib", "did you mean 'fbi'?")]
    [InlineData("BIM2201", "{eps =", "{epz =", "there is no attribute of rms_norm 'epz'; hint: did you mean 'eps'?")]
    [InlineData("BIM2201", "weight = @layers.0.norm.weight", "wieght = @layers.0.norm.weight", "did you mean 'weight'?")]
    [InlineData("BIM2201", ": f32[12] #", ": f33[12] #", "did you mean 'f32'?")]
    [InlineData("BIM2006", ": f32[12] #", ": f32[9223372036854775807,9] #", "2^63 - 1 bytes")]
    [InlineData("BIM2001", "{eps = 1e-05}", "{eps = 1e-05, eps = 1.0}", "given twice")]
    [InlineData("BIM2002", "return %s", "return %t", "the returned value %t is not defined; hint: nothing reads %s")]
    [InlineData("BIM2004", "add %r, %o", "add %r", "expected (a, b), found (a)")]
    [InlineData("BIM2004", "add %r, %o", "add %r, %o, %o", "found one more")]
    [InlineData("BIM2010", "add %r, %o : f32[T,12]", "add %r, %o : f32[T,12], f32[T,12]", "expected 1 types")]
    [InlineData("BIM2009", "-> f32[T,12] {", "-> f32[T,13] {", "the type of %x")]
    [InlineData("BIM0001", "#152662", "#15266x", "hexadecimal")]
    public void An_error_names_its_line(string id, string old, string replacement, string message)
    {
        var text = IrPrinter.Print(new Mamba2Sample().Build());
        var at = text.IndexOf(old, StringComparison.Ordinal);
        Assert.True(at >= 0, $"'{old}' is not in the text:\n{text}");
        var line = text.AsSpan(0, at).Count('\n') + 1;
        var bag = new DiagnosticBag();
        Assert.Null(IrParser.Parse(new SourceText("x.bmir", text.Remove(at, old.Length).Insert(at, replacement)), bag));
        var first = bag.Items[0];
        Assert.Equal((id, line), (first.Id, first.Place.Line));
        Assert.Contains(message, first.Message, StringComparison.Ordinal);
        Assert.Contains("\n    ", first.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Text_that_leaves_defaults_out_reads_as_if_it_had_them()
    {
        var text = IrPrinter.Print(new Mamba2Sample().Build());
        var parsed = IrParser.Parse(new SourceText("x", text.Replace(", norm_before_gate = false", "", StringComparison.Ordinal)), new DiagnosticBag());
        Assert.Equal(text, IrPrinter.Print(parsed!.Module));
    }

    [Theory]
    [InlineData("layers.0.d", "expected the weights of @layers.0.d in a model, found none of this name")]
    [InlineData("layers.0.norm.weight", "expected weights of hash #")]
    [InlineData("layers.0.out_proj.weight", "expected f32[12,20], found")]
    public void Weights_that_are_not_those_of_the_text_are_refused(string name, string message)
    {
        var module = new Mamba2Sample().Build();
        var text = IrParser.Parse(new SourceText("x", IrPrinter.Print(module)), new DiagnosticBag())!;
        Assert.Equal(module.Resources, WeightBinder.Bind(text, row => module.Resources[row.Name], "a model", new DiagnosticBag())!.Resources);
        var bag = new DiagnosticBag();
        Assert.Null(WeightBinder.Bind(text, row => row.Name != name ? module.Resources[row.Name] : Other(row), "a model", bag));
        Assert.Equal("BIM2202", bag.Items.Single().Id);
        Assert.Contains(message, bag.Items.Single().Message, StringComparison.Ordinal);
        Assert.Contains("@" + name + " :", text.Source.Line(bag.Items.Single().Place.Line!.Value), StringComparison.Ordinal);
    }

    private static Resource? Other(Resource row) => row.Name switch
    {
        "layers.0.norm.weight" => new Resource(row.Name, new Tensors.MemoryTensor(new byte[row.Data.ByteLength], row.Data.Type, row.Shape)),
        "layers.0.out_proj.weight" => new Resource(row.Name, new Tensors.MemoryTensor(new byte[4], row.Data.Type, Tensors.Shape.Of(1, 1))),
        _ => null,
    };
}
