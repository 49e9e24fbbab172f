using BiMamba.Diagnostics;
using BiMamba.Formats.Spec;
using BiMamba.Text;

namespace BiMamba.Spec.Tests;

public sealed class SpecLanguageTests
{
    private const string Head = "format x version 1 little-endian \"d\"\n";

    [Theory]
    [InlineData("", 1, 1, "expected 'format'", "found the end of the text")]
    [InlineData("format x version one little-endian \"d\"", 1, 18, "expected an integer", "found 'one'")]
    [InlineData("format x version 1 big-endian \"d\"", 1, 20, "expected 'little-endian'", "found 'big'")]
    [InlineData(Head + "const a 1 \"d\"", 2, 9, "expected '='", "found '1'")]
    [InlineData(Head + "const a = 99999999999999999999 \"d\"", 2, 11, "an integer of 64 bits", "found '99999999999999999999'")]
    [InlineData(Head + "const a = 1", 2, 12, "text in double quotes", "found the end of the text")]
    [InlineData(Head + "const a = 1 \"open", 2, 18, "a closing double quote", "found the end of the text")]
    [InlineData(Head + "const a = 1 \"bad \\q\"", 2, 18, "an escape", "found '\\'")]
    [InlineData(Head + "enum e : i8 \"d\" {\n}", 2, 10, "one of u8, u16, u32, u64", "found 'i8'")]
    [InlineData(Head + "enum e : u8 else gone \"d\" {\n}", 2, 18, "one of signature, version", "found 'gone'")]
    [InlineData(Head + "record file \"d\" {\n  a u8 \"d\"\n}", 3, 5, "expected ':'", "found 'u8'")]
    [InlineData(Head + "record file \"d\" {\n  a : u8 where \"d\"\n}", 3, 19, "text in double quotes", "found the end of the line")]
    [InlineData(Head + "record file \"d\" {\n  a : u8[ \"d\"\n}", 3, 14, "']'", "found the end of the line")]
    [InlineData(Head + "record file \"d\" {\n  a : bytes \"d\"\n}", 3, 13, "'['", "found '\"'")]
    [InlineData(Head + "record file \"d\" {\n  a : u8 sorted name \"d\"\n}", 3, 17, "'by'", "found 'name'")]
    [InlineData(Head + "record file \"d\" {\n  a : u8 \"d\" b : u8 \"d\"\n}", 3, 14, "the end of the line", "found 'b'")]
    [InlineData(Head + "record file \"d\" {\n  a : u8 = 1 ? 2 \"d\"\n}", 3, 18, "':'", "found '\"'")]
    [InlineData(Head + "record file \"d\" {\n  a : u8 \"d\"\n", 4, 1, "'}'", "found the end of the text")]
    [InlineData(Head + "union u : u8 \"d\" {\n  a = 0 u8 \"d\"\n}", 3, 9, "':'", "found 'u8'")]
    [InlineData(Head + "recrod file \"d\" {\n}", 2, 1, "'const', 'enum', 'record'", "found 'recrod'")]
    public void A_syntax_error_is_reported_where_it_stands(string text, int line, int column, string expected, string found)
    {
        var item = Assert.Single(Parse(text).Items);
        Assert.Equal("BIM0001", item.Id);
        Assert.Equal((line, column), (item.Place.Line, item.Place.Column));
        Assert.Contains(expected, item.Message, StringComparison.Ordinal);
        Assert.Contains(found, item.Message, StringComparison.Ordinal);
        Assert.EndsWith("\n    " + new string(' ', column - 1) + "^", item.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("BIM4101", 3, 7, "  a : nothing \"d\"")]
    [InlineData("BIM4101", 3, 12, "  a : u8 = b \"d\"")]
    [InlineData("BIM4101", 3, 12, "  a : u8 = f(1) \"d\"")]
    [InlineData("BIM4101", 3, 17, "  a : u8[size + there] \"d\"")]
    [InlineData("BIM4101", 4, 12, "  a : u8 \"d\"\n  b : u8 = file.c \"d\"")]
    [InlineData("BIM4101", 4, 12, "  a : e \"d\"\n  b : u8 = a.gone \"d\"")]
    [InlineData("BIM4101", 4, 12, "  a : u8[u8] \"d\"\n  b : u8 = a.next \"d\"")]
    [InlineData("BIM4101", 4, 12, "  a : u8 \"d\"\n  b : u8 = a.gone \"d\"")]
    [InlineData("BIM4102", 4, 3, "  a : u8 \"d\"\n  a : u8 \"d\"")]
    [InlineData("BIM4102", 3, 3, "  here : u8 \"d\"")]
    [InlineData("BIM4103", 3, 12, "  a : u8 = align(1) \"d\"")]
    [InlineData("BIM4103", 3, 3, "  a : text8 = 1 \"d\"")]
    [InlineData("BIM4103", 3, 3, "  a : u8 each item == 1 \"d\"")]
    [InlineData("BIM4103", 3, 3, "  a : u8[u8] sorted by name \"d\"")]
    [InlineData("BIM4103", 3, 3, "  a : region[1] of a \"d\"\n  b : u8 \"d\"")]
    [InlineData("BIM4103", 3, 7, "  a : e(1) \"d\"")]
    [InlineData("BIM4103", 3, 3, "  a : file \"d\"")]
    public void A_spec_without_meaning_is_refused(string id, int line, int column, string fields)
    {
        var text = Head + "record file \"d\" {\n" + fields.Replace("size", "1", StringComparison.Ordinal) + "\n}\nenum e : u8 \"d\" {\n  w = 1 \"d\"\n}\n";
        var item = Parse(text).Items[0];
        Assert.Equal(id, item.Id);
        Assert.Equal((line, fields.Contains("size", StringComparison.Ordinal) ? column - 3 : column), (item.Place.Line, item.Place.Column));
        Assert.Contains("expected", item.Message, StringComparison.Ordinal);
        Assert.Contains("found", item.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("enum e : u8 \"d\" {\n  a = 1 \"d\"\n  b = 1 \"d\"\n}", "BIM4102")]
    [InlineData("enum e : u8 \"d\" {\n  a = 256 \"d\"\n}", "BIM4103")]
    [InlineData("enum e : u8 \"d\" {\n  a = 1 size other * 2 \"d\"\n}", "BIM4101")]
    [InlineData("const a = 1 \"d\"\nconst a = 2 \"d\"", "BIM4102")]
    [InlineData("record u8 \"d\" {\n  a : u16 \"d\"\n}", "BIM4102")]
    [InlineData("record loop \"d\" {\n  a : knot[u8] \"d\"\n}\nunion knot : u8 \"d\" {\n  a = 0 : loop \"d\"\n}", "BIM4103")]
    public void Declarations_without_meaning_are_refused(string declaration, string id) =>
        Assert.Contains(Parse(Head + declaration + "\nrecord file \"d\" {\n  a : u8 \"d\"\n}\n").Items, item => item.Id == id);

    [Theory]
    [InlineData("union v by gone \"d\" {\n  a : u8 \"d\"\n}", "BIM4101", 2, 7)]
    [InlineData("union v by k \"d\" {\n  a : u8 \"d\"\n  b : u8 \"d\"\n  c : u8 \"d\"\n}", "BIM4101", 5, 3)]
    [InlineData("union v by k \"d\" {\n  a : u8 \"d\"\n}", "BIM4103", 2, 7)]
    [InlineData("union v by k \"d\" {\n  a : u8 \"d\"\n  b : bytes[gone] \"d\"\n}\nrecord r \"d\" {\n  t : k \"d\"\n  x : v(t) \"d\"\n}", "BIM4101", 4, 13)]
    [InlineData("union v by k \"d\" {\n  a : u8 \"d\"\n  b : u8 \"d\"\n}\nrecord r \"d\" {\n  t : u8 \"d\"\n  x : v(t) \"d\"\n}", "BIM4103", 8, 7)]
    [InlineData("union v by k \"d\" {\n  a : u8 \"d\"\n  b : u8 \"d\"\n}\nrecord r \"d\" {\n  t : k \"d\"\n  x : v(t)[u8] \"d\"\n  y : v[u8] \"d\"\n}", "BIM4103", 9, 7)]
    [InlineData("record r \"d\" {\n  x : r[u8] \"d\"\n}", "BIM4103", 3, 3)]
    [InlineData("record r nested 3 \"d\" {\n  x : r \"d\"\n}", "BIM4103", 3, 3)]
    [InlineData("record r nested 65 \"d\" {\n  x : u8 \"d\"\n}", "BIM4103", 2, 8)]
    [InlineData("record r \"d\" {\n  x : u8[u8] unique by name \"d\"\n}", "BIM4103", 3, 3)]
    [InlineData("record r(p) nested 3 \"d\" {\n  x : v[u8] where p == \"t\" \"d\"\n}\nunion v : u8 \"d\" {\n  a = 0 : r(p) \"d\"\n  b = 1 : r(1) \"d\"\n}", "BIM4103", 3, 24)]
    [InlineData("record r \"d\" {\n  x : region[1] of y \"d\"\n  y : u8 \"d\"\n}", "BIM4103", 3, 3)]
    [InlineData("record r \"d\" {\n  y : u8 \"d\"\n  x : utf8[1] in y \"d\"\n}", "BIM4103", 4, 18)]
    [InlineData("record r \"d\" {\n  x : bytes[rest - here] where previous == 1 \"d\"\n}", "BIM4103", 3, 32)]
    [InlineData("record r \"d\" {\n  x : v(t) \"d\"\n  t : k \"d\"\n}\nunion v by k \"d\" {\n  a : u8 \"d\"\n  b : u8 \"d\"\n}", "BIM4103", 3, 9)]
    [InlineData("enum e : u8 \"d\" {\n  a = 1 block 0 \"d\"\n}", "BIM4103", 3, 3)]
    public void A_declaration_without_meaning_is_refused_where_it_stands(string declaration, string id, int line, int column)
    {
        var item = Parse(Head + declaration + "\nenum k : u8 \"d\" {\n  a = 1 \"d\"\n  b = 2 \"d\"\n}\nrecord file \"d\" {\n  f : u8 \"d\"\n}\n").Items[0];
        Assert.Equal((id, line, column), (item.Id, item.Place.Line!.Value, item.Place.Column!.Value));
    }

    [Fact]
    public void A_file_without_fields_has_a_document() =>
        Assert.Contains("the file ends with its last field", SpecDocument.Write(SpecParser.Parse(new SourceText("x.spec", Head + "record file \"d\" {\n}\n"), new DiagnosticBag())!, "x.spec"), StringComparison.Ordinal);

    [Fact]
    public void A_spec_needs_a_file() => Assert.Equal("BIM4101", Assert.Single(Parse(Head).Items).Id);

    [Fact]
    public void Deep_nesting_ends_in_an_error() =>
        Assert.Contains("levels of nesting", Assert.Single(Parse(Head + "record file \"d\" {\n  a : u8 = " + new string('(', 10_000)).Items).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("1 + 2 * 3 == 7", true)]
    [InlineData("(1 + 2) * 3 == 9", true)]
    [InlineData("10 - 3 - 2 == 5", true)]
    [InlineData("10 - (3 - 2) == 9", true)]
    [InlineData("7 % 4 == 3 && 7 / 2 == 3", true)]
    [InlineData("align(65, 64) == 128 && align(64, 64) == 64 && ceil(5, 2) == 3", true)]
    [InlineData("1 == 2 || 2 >= 2", true)]
    [InlineData("(a == 1 ? 5 : 6) == 5", true)]
    [InlineData("a == 1 ? a == 2 : a == 1", false)]
    [InlineData("c == \"AB\"", true)]
    [InlineData("c != \"AB\"", false)]
    [InlineData("sha256(c) == sha256(c) && length(t) == 2 && size_of(t) == 3 && position(t) == 3", true)]
    [InlineData("limit == 9 && e.two == 2 && e < e.two", true)]
    [InlineData("total == 7 && here == 6", true)]
    [InlineData("t == \"hi\" && starts_with(t, \"h\") && starts_with(c, \"\")", true)]
    [InlineData("starts_with(c, \"ABC\")", false)]
    [InlineData("block_of(e) == 4", true)]
    public void Expressions_mean_what_they_say(string expression, bool holds)
    {
        var text = Head + "const limit = 9 \"d\"\nenum words : u8 \"d\" {\n  one = 1 block 4 \"d\"\n  two = 2 \"d\"\n}\nrecord file \"d\" {\n  a : u8 \"d\"\n  c : bytes[2] \"d\"\n  t : text8 \"d\"\n"
            + $"  e : words where {expression} \"d\"\n}}\n";
        var diagnostics = new DiagnosticBag();
        var format = SpecParser.Parse(new SourceText("x.spec", text), diagnostics);
        Assert.True(format is not null, string.Join('\n', diagnostics.Items));
        Assert.Contains($"where {expression} ", SpecPrinter.Print(format), StringComparison.Ordinal);
        SpecReader.Read(format, SpecSource.Of("x", new byte[] { 1, (byte)'A', (byte)'B', 2, (byte)'h', (byte)'i', 1 }), diagnostics);
        Assert.Equal(holds ? [] : ["BIM4006"], diagnostics.Items.Select(item => item.Id));
    }

    [Fact]
    public void Floats_and_signed_integers_come_back()
    {
        var diagnostics = new DiagnosticBag();
        var text = Head + "record file \"d\" {\n  a : f32 \"d\"\n  b : f64 \"d\"\n  c : i32 \"d\"\n  d : text16[u8] \"d\"\n}\n";
        var format = SpecParser.Parse(new SourceText("x.spec", text), diagnostics)!;
        var tree = SpecWriter.Build(format, "x", new SpecObject { ["a"] = 0.5, ["b"] = -0.1, ["c"] = -7, ["d"] = new List<object> { "é", "" } }, diagnostics)!;
        var bytes = SpecEncoder.Encode(tree.Root);
        var root = SpecReader.Read(format, SpecSource.Of("x", bytes), diagnostics).Root;
        Assert.Empty(diagnostics.Items);
        Assert.Equal(0.5, ((SpecFloatNode)root["a"]).Value);
        Assert.Equal(-0.1, ((SpecFloatNode)root["b"]).Value);
        Assert.Equal(-7, root.Integer("c"));
        Assert.Equal(["é", ""], root.Items("d").Select(item => ((SpecTextNode)item).Value));
        Assert.Equal(4 + 8 + 4 + 1 + 4 + 2, bytes.Length);
    }

    [Fact]
    public void Values_that_a_field_selects_come_back()
    {
        var diagnostics = new DiagnosticBag();
        var text = Head + "enum k : u16 \"d\" {\n  small = 3 \"d\"\n  words = 4 \"d\"\n  more = 9 \"d\"\n}\nunion v by k \"d\" {\n  small : i8 \"d\"\n  words : text64 \"d\"\n  more : list \"d\"\n}\n"
            + "record list nested 3 \"d\" {\n  t : k \"d\"\n  items : v(t)[u16] \"d\"\n}\nrecord file \"d\" {\n  t : k \"d\"\n  x : v(t) where t != t.small || x < 0 \"d\"\n  y : i16 \"d\"\n}\n";
        var format = SpecParser.Parse(new SourceText("x.spec", text), diagnostics);
        Assert.True(format is not null, string.Join('\n', diagnostics.Items));
        Assert.Equal(SpecPrinter.Print(format), SpecPrinter.Print(SpecParser.Parse(new SourceText("again", SpecPrinter.Print(format)), diagnostics)!));
        var inner = new SpecObject { ["t"] = "words", ["items"] = new List<object> { "é", "" } };
        var values = new SpecObject { ["t"] = "more", ["x"] = new SpecObject { ["t"] = "more", ["items"] = new List<object> { inner, inner } }, ["y"] = -300 };
        var bytes = SpecEncoder.Encode(SpecWriter.Build(format, "x", values, diagnostics)!.Root);
        var root = SpecReader.Read(format, SpecSource.Of("x", bytes), diagnostics).Root;
        Assert.Empty(diagnostics.Items);
        Assert.Equal("é", ((SpecTextNode)SpecPaths.Find(root, "x.items[1].items[0]")!).Value);
        Assert.Equal(-300, root.Integer("y"));
        Assert.Equal(2 + 2 + 2 + 2 * (2 + 2 + 10 + 8) + 2, bytes.Length);
        Assert.Null(SpecWriter.Build(format, "x", new SpecObject { ["t"] = "small", ["x"] = 1, ["y"] = 0 }, diagnostics));
        Assert.Equal("BIM4006", Assert.Single(diagnostics.Items).Id);
    }

    [Theory]
    [InlineData(300L, "BIM4012")]
    [InlineData(5L, "BIM4006")]
    public void The_writer_checks_what_the_reader_checks(long value, string id)
    {
        var diagnostics = new DiagnosticBag();
        var format = SpecParser.Parse(new SourceText("x.spec", Head + "record file \"d\" {\n  a : u8 where a < 5 \"d\"\n}\n"), diagnostics)!;
        Assert.Null(SpecWriter.Build(format, "x", new SpecObject { ["a"] = value }, diagnostics));
        Assert.Equal(id, Assert.Single(diagnostics.Items).Id);
    }

    private static DiagnosticBag Parse(string text)
    {
        var diagnostics = new DiagnosticBag();
        Assert.Equal(SpecParser.Parse(new SourceText("x.spec", text), diagnostics) is null, diagnostics.HasErrors);
        return diagnostics;
    }
}
