using System.Text;
using BiMamba.FileTests.Cases.Inputs;
using BiMamba.Testing;

namespace BiMamba.FileTests.Cases;

/// <summary>The form of case files: what is malformed is named with its line, and what is sound gives the bytes it says.</summary>
public sealed class CaseFormTests
{
    private const string Head = "; A case.\n";

    /// <summary>A pass that fails, and writes a reproducer.</summary>
    private const string Broken =
        "-- file x.bmir --\nmodule @x level float\nresource @w : f32[1,1]\nblock @embed (%ids : i32[T]) -> f32[T,1] {\n  %x = embedding %ids, @w {group = 0} : f32[T,1]\n  return %x\n}\n"
        + "block @head (%x : f32[T,1]) -> f32[T,1] {\n  %y = lm_head %x, @w {group = 0} : f32[T,1]\n  return %y\n}\n\n-- safetensors x.safetensors --\nw : f32[1,1] = [NaN]\n\n"
        + "$ bimambac opt $TMP/x.bmir --pipeline quantize-embedding --reproducer $TMP/again.bmir\n";

    [Theory]
    [InlineData("", 1, "'; SENTENCE'")]
    [InlineData("$ bimambac passes\n", 1, "'; SENTENCE'")]
    [InlineData(Head, 2, "the end of the file")]
    [InlineData(Head + "-- folder x --\n", 3, "the end of the file")]
    [InlineData(Head + "words\n$ bimambac passes\n", 2, "found 'words'")]
    [InlineData(Head + "-- folder x\n$ bimambac passes\n", 2, "found '-- folder x'")]
    [InlineData(Head + "-- folder x --\ny\n$ bimambac passes\n", 3, "'folder' has no lines below it")]
    [InlineData(Head + "-- folder --\n$ bimambac passes\n", 2, "'-- folder NAME --'")]
    [InlineData(Head + "-- copy a b c --\n$ bimambac passes\n", 2, "'-- copy FROM to NAME --'")]
    [InlineData(Head + "-- copy $TMP/a to b --\n$ bimambac passes\n", 2, "no file or folder")]
    [InlineData(Head + "-- ghost x --\n$ bimambac passes\n", 2, "unknown input 'ghost'")]
    [InlineData(Head + "-- stdout --\n$ bimambac passes\n", 2, "stands only below the 'exit' line")]
    [InlineData(Head + "-- file ../x --\n$ bimambac passes\n", 2, "outside the case's folder")]
    [InlineData(Head + "-- truncate x to 4 --\n$ bimambac passes\n", 2, "no file 'x'")]
    [InlineData(Head + "-- hole x of many --\n$ bimambac passes\n", 2, "found 'many'")]
    [InlineData(Head + "-- bytes x --\n00\nu8 256\n$ bimambac passes\n", 4, "a number of type u8")]
    [InlineData(Head + "-- bytes x --\n0\n$ bimambac passes\n", 3, "found '0'")]
    [InlineData(Head + "-- bytes x --\n( 00\n$ bimambac passes\n", 3, "')'")]
    [InlineData(Head + "-- bytes x --\n\"open\n$ bimambac passes\n", 3, "found '\"open'")]
    [InlineData(Head + "-- bytes x --\n00 'open\n$ bimambac passes\n", 3, "found ''open'")]
    [InlineData(Head + "-- bytes x --\n\"\\q\"\n$ bimambac passes\n", 3, "found '\\q'")]
    [InlineData(Head + "-- safetensors x --\na : f33[2] = ones\n$ bimambac passes\n", 3, "found 'a : f33[2] = ones'")]
    [InlineData(Head + "-- safetensors x --\na : f32[2] = [1]\n$ bimambac passes\n", 3, "expected 2 numbers")]
    [InlineData(Head + "-- zip x --\nfile a : 00\n$ bimambac passes\n", 3, "'entry NAME : BYTES'")]
    [InlineData(Head + "-- zip x --\nentry a size 4 : 00\n$ bimambac passes\n", 3, "found 'size'")]
    [InlineData(Head + "-- checkpoint mamba3 to x --\n$ bimambac passes\n", 2, "unknown checkpoint 'mamba3'")]
    [InlineData(Head + "-- checkpoint mamba2 to x --\ndrop ghost\n$ bimambac passes\n", 3, "no tensor 'ghost'")]
    [InlineData(Head + "-- checkpoint mamba2 to x --\nconfig d_model = {\n$ bimambac passes\n", 2, "open JSON object")]
    [InlineData(Head + "-- safetensors x --\na : f32[99999999999999999999] = ones\n$ bimambac passes\n", 2, "too large")]
    [InlineData(Head + "-- torch x --\na : u32[1] = ones\n$ bimambac passes\n", 3, "no storage of u32")]
    [InlineData(Head + "-- file x --\na\n\n-- replace x --\nb => c\n$ bimambac passes\n", 6, "stands 0 times")]
    [InlineData(Head + "-- file x --\na\n\n-- patch x --\n0x9 : 00\n$ bimambac passes\n", 6, "not inside the 2 bytes")]
    [InlineData(Head + "-- file x --\na\n\n-- patch x --\n?? : 00\n$ bimambac passes\n", 6, "found '??'")]
    [InlineData(Head + "$ other\n", 2, "found '$ other'")]
    [InlineData(Head + "$ bimambac \"passes\n", 2, "at the end of a quoted word")]
    [InlineData(Head + "$ bimambac passes\nexti 0\n", 3, "found 'exti 0'")]
    [InlineData(Head + "$ bimambac passes\nexit 0\n-- stdout --\nx\n-- stdout --\n", 6, "stands twice")]
    public async Task A_malformed_case_names_its_line(string text, int line, string mention)
    {
        var error = await Assert.ThrowsAsync<CaseException>(() => CaseRunner.Run(text));
        Assert.Equal((line, true), (error.Line, error.Message.Contains(mention, StringComparison.Ordinal)));
    }

    [Fact]
    public void The_page_about_golden_files_names_every_input()
    {
        var page = File.ReadAllText(Repository.Golden("README.md"));
        Offenders.None(CaseInputs.Forms.Where(form => !page.Contains($"`{form}`", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("42 4d ; comment", "424D")]
    [InlineData("u16 0x102 i8 -1 u64 18446744073709551615", "0201FFFFFFFFFFFFFFFFFF")]
    [InlineData("f32 [1, -2] f16 1 bf16 1 f64 1", "0000803F000000C0003C803F000000000000F03F")]
    [InlineData("\"a\\n\\x00\\\"é\"", "610A0022C3A9")]
    [InlineData("'{\"a\\n\": ;}'", "7B22615C6E223A203B7D")]
    [InlineData("repeat 3 (u8 1 02)", "010201020102")]
    [InlineData("sized u16 (\"ab\" 00) align 8", "0300616200000000")]
    [InlineData("proto 2 dict text \"x\" int 5 setitem stop", "80027D5801000000788A080500000000000000732E")]
    public void Bytes_are_what_the_text_says(string text, string hex) =>
        Assert.Equal(hex, Convert.ToHexString(ByteText.Parse([new CaseLine(1, text)])));

    [Fact]
    public void A_safetensors_file_has_its_length_header_and_data()
    {
        const string header = "{\"x\":{\"dtype\":\"U8\",\"shape\":[1,2],\"data_offsets\":[0,2]}}";
        byte[] expected = [(byte)header.Length, 0, 0, 0, 0, 0, 0, 0, .. Encoding.UTF8.GetBytes(header), 1, 1];
        Assert.Equal(expected, TensorInput.Safetensors([new CaseLine(1, "x : u8[1, 2] = ones")]));
    }

    [Fact]
    public async Task A_case_is_written_anew_with_what_came_out()
    {
        var text = await CaseRunner.Run(Head + "-- file a.txt --\n\\-- x --\n\\\\\n\n$ cat $TMP/a.txt\nexit 3\n-- stdout --\nold\n");
        Assert.Equal(Head + "-- file a.txt --\n\\-- x --\n\\\\\n\n$ cat $TMP/a.txt\nexit 0\n-- stdout --\n\\-- x --\n\\\\\n", text);
        Assert.Equal(text, await CaseRunner.Run(text));
    }

    [Theory]
    [InlineData("-- bytes x.bimb --\n\"BIMB\" u16 1\n\n$ bimambac inspect $TMP/x.bimb --fields\n", "output", "a failure prints to stdout")]
    [InlineData(Broken, "files", "a failure changes files")]
    public async Task A_failure_with_output_or_files_says_so(string text, string what, string mention)
    {
        var error = await Assert.ThrowsAnyAsync<Xunit.Sdk.XunitException>(() => CaseRunner.Run(Head + text));
        Assert.Contains(mention, error.Message, StringComparison.Ordinal);
        Assert.Contains($"\nexit 4, with {what}\n", await CaseRunner.Run(Head + text + $"exit 4, with {what}\n"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("took 1.25 s, 3 ms", "took # s, # ms")]
    [InlineData("error 3.3e-8 of 1e-5", "error # of 1e-5")]
    [InlineData("perplexity 3.022038 and -1.00005, version 1.2.345678", "perplexity 3.0220 and -1.0001, version 1.2.345678")]
    [InlineData("3.112 MB, 52.1 %", "3.112 MB, 52.1 %")]
    public void Measured_numbers_are_made_equal(string text, string expected) => Assert.Equal(expected, CaseNormalization.Text(text));

    [Fact]
    public void Json_is_rounded_and_its_texts_are_scrubbed() => Assert.Equal(
        "{\n  \"a\": 1,\n  \"b\": 0.1235,\n  \"c\": \"$TMP/x\",\n  \"d\": null\n}\n",
        CaseNormalization.Json("{\"a\":1,\"b\":0.123456,\"c\":\"HERE/x\",\"d\":null}", text => text.Replace("HERE", "$TMP", StringComparison.Ordinal)));

    [Fact]
    public async Task A_text_without_its_last_line_end_says_so() => Assert.Contains(
        "-- stdout without the last line end --\nx\n",
        await CaseRunner.Run(Head + "-- bytes a.txt --\n\"x\"\n\n$ cat $TMP/a.txt\n"),
        StringComparison.Ordinal);
}
