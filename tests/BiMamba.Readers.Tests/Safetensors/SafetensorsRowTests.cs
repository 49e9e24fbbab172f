using System.Text;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Formats.Safetensors;
using BiMamba.Readers.Tests.Building;
using BiMamba.Tensors;
using BiMamba.Testing;

namespace BiMamba.Readers.Tests.Safetensors;

/// <summary>Every rule of the file format, from literal bytes; the rows of index and writer are in their own tests.</summary>
public class SafetensorsRowTests
{
    private const string Good = """{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}}""";

    private static readonly (string Row, byte[] File)[] Cases =
    [
        ("TooShort", []),
        ("TooShort", [1, 2, 3, 4, 5, 6, 7]),
        ("HeaderTooLarge", [0x01, 0xe1, 0xf5, 0x05, 0, 0, 0, 0]),
        ("HeaderTooLarge", "version https://git-lfs.github.com/spec/v1\n"u8.ToArray()),
        ("HeaderTooLarge", [255, 255, 255, 255, 255, 255, 255, 255, (byte)'{', (byte)'}']),
        ("HeaderPastEnd", [3, 0, 0, 0, 0, 0, 0, 0, (byte)'{', (byte)'}']),
        ("HeaderPastEnd", [0x00, 0xe1, 0xf5, 0x05, 0, 0, 0, 0]),
        ("HeaderNotObject", SafetensorsBytes.Of("")),
        ("HeaderNotObject", SafetensorsBytes.Of(" {}")),
        ("HeaderNotObject", SafetensorsBytes.Of("[]")),
        ("HeaderNotObject", SafetensorsBytes.Of("{}\n")),
        ("HeaderNotObject", SafetensorsBytes.Of("{}\0")),
        ("HeaderNotObject", SafetensorsBytes.Of("\uFEFF{}")),
        ("HeaderNotJson", SafetensorsBytes.Of("{}{}")),
        ("HeaderNotJson", SafetensorsBytes.Of("{'a':1}")),
        ("HeaderNotJson", SafetensorsBytes.Of("""{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},}""", 1, 2)),
        ("HeaderNotJson", SafetensorsBytes.Of("""{"\ud800":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}""")),
        ("HeaderNotJson", SafetensorsBytes.Of([.. "{\""u8, 0xff, .. "\":1}"u8])),
        ("HeaderNotJson", SafetensorsBytes.Of("""{"a":{"shape":""" + new string('[', 50_000) + new string(']', 50_000) + "}}")),
        ("DuplicateKey", SafetensorsBytes.Of("""{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}""", 1, 2)),
        ("DuplicateKey", SafetensorsBytes.Of("""{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"\u0061":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}""", 1, 2)),
        ("DuplicateKey", SafetensorsBytes.Of("""{"a":{"dtype":"U8","dtype":"U8","shape":[2],"data_offsets":[0,2]}}""", 1, 2)),
        ("DuplicateKey", SafetensorsBytes.Of("""{"__metadata__":{},"__metadata__":{}}""")),
        ("DuplicateKey", SafetensorsBytes.Of("""{"__metadata__":{"k":"1","k":"2"}}""")),
        ("EntryKeys", SafetensorsBytes.Of("""{"a":{"dtype":"U8","shape":[2]}}""", 1, 2)),
        ("EntryKeys", SafetensorsBytes.Of("""{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2],"more":{"x":[1]}}}""", 1, 2)),
        ("EntryKeys", SafetensorsBytes.Of("""{"a":{"dtype":8,"shape":[2],"data_offsets":[0,2]}}""", 1, 2)),
        ("EntryKeys", SafetensorsBytes.Of("""{"a":[1,2]}""", 1, 2)),
        ("UnsupportedType", SafetensorsBytes.Of("""{"a":{"dtype":"F8_E4M3","shape":[2],"data_offsets":[0,2]}}""", 1, 2)),
        ("UnsupportedType", SafetensorsBytes.Of("""{"a":{"dtype":"F4","shape":[4],"data_offsets":[0,2]}}""", 1, 2)),
        ("UnsupportedType", SafetensorsBytes.Of("""{"a":{"dtype":"f32","shape":[],"data_offsets":[0,4]}}""", 1, 2, 3, 4)),
        ("BadShape", SafetensorsBytes.Of("""{"a":{"dtype":"U8","shape":[-1],"data_offsets":[0,2]}}""", 1, 2)),
        ("BadShape", SafetensorsBytes.Of("""{"a":{"dtype":"U8","shape":[2.0],"data_offsets":[0,2]}}""", 1, 2)),
        ("BadShape", SafetensorsBytes.Of("""{"a":{"dtype":"U8","shape":2,"data_offsets":[0,2]}}""", 1, 2)),
        ("BadShape", SafetensorsBytes.Of("""{"a":{"dtype":"U8","shape":[1,1,1,1,1,1,1,1,2],"data_offsets":[0,2]}}""", 1, 2)),
        ("BadShape", SafetensorsBytes.Of("""{"a":{"dtype":"U8","shape":[9223372036854775807,2],"data_offsets":[0,2]}}""", 1, 2)),
        ("BadShape", SafetensorsBytes.Of("""{"a":{"dtype":"U8","shape":[9223372036854775808],"data_offsets":[0,2]}}""", 1, 2)),
        ("BadShape", SafetensorsBytes.Of("""{"a":{"dtype":"F64","shape":[4611686018427387904],"data_offsets":[0,0]}}""")),
        ("BadOffsets", SafetensorsBytes.Of("""{"a":{"dtype":"U8","shape":[2],"data_offsets":[2,0]}}""", 1, 2)),
        ("BadOffsets", SafetensorsBytes.Of("""{"a":{"dtype":"U8","shape":[2],"data_offsets":[-2,0]}}""", 1, 2)),
        ("BadOffsets", SafetensorsBytes.Of("""{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,1,2]}}""", 1, 2)),
        ("BadOffsets", SafetensorsBytes.Of("""{"a":{"dtype":"U8","shape":[2],"data_offsets":[0]}}""", 1, 2)),
        ("BadOffsets", SafetensorsBytes.Of("""{"a":{"dtype":"U8","shape":[2],"data_offsets":"0,2"}}""", 1, 2)),
        ("PastEnd", SafetensorsBytes.Of(Good, 1)),
        ("PastEnd", SafetensorsBytes.Of("""{"a":{"dtype":"U8","shape":[9223372036854775807],"data_offsets":[0,9223372036854775807]}}""", 1)),
        ("SizeMismatch", SafetensorsBytes.Of("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}""", 1, 2, 3, 4)),
        ("Hole", SafetensorsBytes.Of("""{"a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}""", 1, 2)),
        ("Hole", SafetensorsBytes.Of("""{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"b":{"dtype":"U8","shape":[1],"data_offsets":[2,3]}}""", 1, 2, 3)),
        ("Overlap", SafetensorsBytes.Of("""{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}}""", 1, 2, 3)),
        ("Overlap", SafetensorsBytes.Of("""{"a":{"dtype":"U8","shape":[3],"data_offsets":[0,3]},"b":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}""", 1, 2, 3)),
        ("TrailingBytes", SafetensorsBytes.Of(Good, 1, 2, 3)),
        ("TrailingBytes", SafetensorsBytes.Of("{}", 1)),
        ("BadMetadata", SafetensorsBytes.Of("""{"__metadata__":{"k":1}}""")),
        ("BadMetadata", SafetensorsBytes.Of("""{"__metadata__":{"k":{"x":"y"}}}""")),
        ("BadMetadata", SafetensorsBytes.Of("""{"__metadata__":"k"}""")),
        ("BadName", SafetensorsBytes.Of("{\"" + new string('n', 1025) + "\"" + """:{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}""")),
        ("BadName", SafetensorsBytes.Of("{\"" + new string('n', 100_000) + "\"" + """:{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}""")),
    ];

    /// <summary>Rows that other test classes trigger.</summary>
    private static readonly string[] Elsewhere =
    [
        "IndexNotJson", "IndexForm", "IndexDuplicateKey", "IndexShardName", "IndexTensorMissing", "IndexTensorUnlisted",
        "IndexTotalSize", "IndexTooLarge", "WriteName", "WriteHeaderTooLarge",
    ];

    public static TheoryData<int, string> CaseIndexes => [.. Cases.Select((c, i) => (i, c.Row))];

    [Theory]
    [MemberData(nameof(CaseIndexes))]
    public void A_broken_rule_is_refused_by_its_row_alone(int index, string row)
    {
        using var folder = new TemporaryFolder();
        var path = folder["x.safetensors"];
        File.WriteAllBytes(path, Cases[index].File);
        var diagnostics = new DiagnosticBag();
        Assert.Null(SafetensorsReader.OpenFile(path, diagnostics));
        var expected = Rows.Of(typeof(SafetensorsDiagnostics))[row];
        Assert.All(diagnostics.Items, diagnostic => Assert.Equal(expected.Id, diagnostic.Id));
        Assert.NotEmpty(diagnostics.Items);
        Assert.All(diagnostics.Items, diagnostic => Assert.Equal(path, diagnostic.Place.File));
    }

    [Fact]
    public void Every_row_has_a_case() =>
        Assert.Equal(
            Rows.Of(typeof(SafetensorsDiagnostics)).Keys.Order(StringComparer.Ordinal),
            Cases.Select(c => c.Row).Concat(Elsewhere).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));

    [Fact]
    public void The_file_of_the_cases_is_read_when_no_rule_is_broken()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["x"], SafetensorsBytes.Of(Good + "   ", 1, 2));
        var diagnostics = new DiagnosticBag();
        using var archive = SafetensorsReader.OpenFile(folder["x"], diagnostics);
        Assert.Empty(diagnostics.Items);
        Assert.Equal([1, 2], archive!.Tensors["a"].Tensor.ToBytes());
    }

    [Fact]
    public void A_message_gives_tensor_offset_expected_and_found()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["x"], SafetensorsBytes.Of("""{"a.b":{"dtype":"F8_E5M2","shape":[2],"data_offsets":[0,2]}}""", 1, 2));
        var diagnostics = new DiagnosticBag();
        Assert.Null(SafetensorsReader.OpenFile(folder["x"], diagnostics));
        var diagnostic = Assert.Single(diagnostics.Items);
        Assert.Equal(
            $"error BIM1108: {folder["x"]}: tensor 'a.b': dtype @0x9: expected a supported element type, found 'F8_E5M2'; hint: convert the tensor to one of BF16 BOOL F16 F32 F64 I16 I32 I64 I8 U16 U32 U64 U8",
            diagnostic.ToString());
        Assert.Equal(ExitCode.Unsupported, diagnostics.ExitCode);
    }

    [Theory]
    [InlineData("shape", """{"a":{"dtype":"U8","shape":[-1,{"x":[2]},99999999999999999999],"data_offsets":[0,2]}}""", "[-1,an object,99999999999999999999]")]
    [InlineData("shape", """{"a":{"dtype":"U8","shape":[1,2,3,4,5,6,7,8,9,10],"data_offsets":[0,2]}}""", "[1,2,3,4,5,6,7,8,9,...]")]
    [InlineData("data_offsets", """{"a":{"dtype":"U8","shape":[2],"data_offsets":[3,2]}}""", "[3,2]")]
    public void What_was_found_is_shown(string field, string header, string expected)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["x"], SafetensorsBytes.Of(header, 1, 2));
        var diagnostics = new DiagnosticBag();
        Assert.Null(SafetensorsReader.OpenFile(folder["x"], diagnostics));
        Assert.EndsWith("found " + expected, diagnostics.Items[0].Message, StringComparison.Ordinal);
        Assert.Equal(field, diagnostics.Items[0].Place.Field);
    }

    [Fact]
    public void All_errors_of_a_file_are_collected()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["x"], SafetensorsBytes.Of("""{"a":{"dtype":"F4","shape":[2],"data_offsets":[0,1]},"b":{"dtype":"F32","shape":[2],"data_offsets":[2,3]}}""", 1));
        var diagnostics = new DiagnosticBag();
        Assert.Null(SafetensorsReader.OpenFile(folder["x"], diagnostics));
        Assert.Equal(["BIM1108", "BIM1112", "BIM1113", "BIM1111"], diagnostics.Items.Select(d => d.Id));
    }

    [Fact]
    public void Control_characters_of_names_are_not_printed()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["x"], SafetensorsBytes.Of("""{"\u001b[31m":{"dtype":"F4","shape":[],"data_offsets":[0,1]}}""", 1));
        var diagnostics = new DiagnosticBag();
        Assert.Null(SafetensorsReader.OpenFile(folder["x"], diagnostics));
        Assert.DoesNotContain('\u001b', diagnostics.Items[0].ToString());
        Assert.Contains(@"\u001B[31m", diagnostics.Items[0].ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_file_and_a_folder_are_input_errors()
    {
        using var folder = new TemporaryFolder();
        var diagnostics = new DiagnosticBag();
        Assert.Null(SafetensorsReader.OpenFiles([folder["none"], folder.Path], diagnostics));
        Assert.Equal([InputDiagnostics.Missing.Id, InputDiagnostics.Unreadable.Id], diagnostics.Items.Select(d => d.Id));
    }

    [Fact]
    public void Earlier_errors_of_the_bag_are_not_those_of_the_file()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["x"], SafetensorsBytes.Of("{}"));
        var diagnostics = new DiagnosticBag();
        diagnostics.Add(InputDiagnostics.NoCheckpoint, "of something else", Place.None);
        using var archive = SafetensorsReader.OpenFile(folder["x"], diagnostics);
        Assert.NotNull(archive);
    }

    [Fact]
    public void Metadata_are_read_alone_and_names_may_be_any_text()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["x"], SafetensorsBytes.Of("""{"__metadata__":{"format":"pt","é":"\u00e9"},"":{"dtype":"BOOL","shape":[],"data_offsets":[0,1]},"名":{"dtype":"F64","shape":[0,3],"data_offsets":[1,1]}}""", 1));
        var diagnostics = new DiagnosticBag();
        var metadata = SafetensorsReader.ReadMetadata(folder["x"], diagnostics);
        Assert.Equal(new Dictionary<string, string> { ["format"] = "pt", ["é"] = "é" }, metadata);
        using var archive = SafetensorsReader.OpenFile(folder["x"], diagnostics);
        Assert.Equal(["", "名"], archive!.Tensors.Keys);
        Assert.Equal(Shape.Of(0, 3), archive.Tensors["名"].Tensor.Shape);
        Assert.Empty(diagnostics.Items);
    }

    [Fact]
    public void Two_files_with_the_same_name_are_named_both()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["x"], SafetensorsBytes.Of(Good, 1, 2));
        File.WriteAllBytes(folder["y"], SafetensorsBytes.Of(Good, 3, 4));
        var diagnostics = new DiagnosticBag();
        Assert.Null(SafetensorsReader.OpenFiles([folder["x"], folder["y"]], diagnostics));
        var diagnostic = Assert.Single(diagnostics.Items);
        Assert.Equal(InputDiagnostics.DuplicateTensor, diagnostic.Descriptor);
        Assert.Contains(folder["x"], diagnostic.Message, StringComparison.Ordinal);
        Assert.Contains(folder["y"], diagnostic.Message, StringComparison.Ordinal);
        Assert.Equal("a", diagnostic.Place.Tensor);
    }

    [Fact]
    public void Floats_at_odd_offsets_are_read()
    {
        using var folder = new TemporaryFolder();
        var floats = new byte[8];
        BitConverter.TryWriteBytes(floats, 1.5f);
        BitConverter.TryWriteBytes(floats.AsSpan(4), -2f);
        File.WriteAllBytes(folder["x"], SafetensorsBytes.Of(Encoding.UTF8.GetBytes("""{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"b":{"dtype":"F32","shape":[2],"data_offsets":[1,9]}}"""), [7, .. floats]));
        var diagnostics = new DiagnosticBag();
        using var archive = SafetensorsReader.OpenFile(folder["x"], diagnostics);
        Assert.Equal([1.5f, -2f], archive!.Tensors["b"].Tensor.ToSingles());
    }
}
