using BiMamba.Diagnostics;
using BiMamba.Formats.Spec;

namespace BiMamba.Spec.Tests;

/// <summary>Breaks every rule of the specs of other people's formats in a good file, one at a time.</summary>
public sealed class FormatRuleTests
{
    /// <summary>The rule, the field that the error names, and the broken file.</summary>
    private static readonly Dictionary<string, (string Field, Func<byte[]> Break)> Breakers = new(StringComparer.Ordinal)
    {
        ["safetensors: file.header_size where header_size >= 2 && header_size <= max_header"] = ("header_size", () => Safetensors().Set("header_size", 100_000_001).Bytes),
        ["safetensors: file.header_size where header_size <= total - 8 else truncated"] = ("header_size", () => Safetensors().Set("header_size", 200).Bytes),
        ["safetensors: file.header is UTF-8"] = ("header", () => Safetensors().Overwrite("header", 2, 0xff).Bytes),
        ["safetensors: file.header where starts_with(header, \"{\")"] = ("header", () => Safetensors().Overwrite("header", 0, (byte)'[').Bytes),
        ["safetensors: every field lies inside its section"] = ("header_size", () => TinyFiles.Safetensors()[..7]),
        ["gguf: file.magic = \"GGUF\" else signature"] = ("magic", () => Gguf().Overwrite("magic", 3, (byte)'f').Bytes),
        ["gguf: file.version where version == 2 || version == 3 else version"] = ("version", () => Gguf().Set("version", 1).Bytes),
        ["gguf: file.metadata unique by key"] = ("metadata[9]", () => Gguf().Overwrite("metadata[9].key", 8, "v.uint16"u8).Bytes),
        ["gguf: file.tensors unique by name"] = ("tensors[2]", () => Gguf().Overwrite("tensors[2].name", 8, "blk.0.bias"u8).Bytes),
        ["gguf: file.padding is zero"] = ("padding", () => Gguf().Overwrite("padding", 1, 7).Bytes),
        ["gguf: file.data where tensor_count == 0 || tensors.last.offset + bytes_of(tensors.last.type, tensors.last.dims) <= size_of(data) else truncated"] =
            ("data", () => TinyFiles.Gguf()[..^63]),
        ["gguf: pair.key is UTF-8"] = ("metadata[0].key", () => Gguf().Overwrite("metadata[0].key", 9, 0xff).Bytes),
        ["gguf: pair.key where length(key) > 0 && length(key) <= max_key"] = ("metadata[0].key", () => TinyFiles.GgufHead(0, 1, new byte[13])),
        ["gguf: pair.type is a word of value_type"] = ("metadata[2].type", () => Gguf().Set("metadata[2].type", 13).Bytes),
        ["gguf: pair.value where key != \"general.alignment\" || type == type.uint32 && value >= 8 && max_alignment % value == 0"] =
            ("metadata[1].value", () => Gguf().Set("metadata[1].value", 24).Bytes),
        ["gguf: array nested 4"] = ("metadata[0].value.items[0].items[0].items[0].items[0]", () => Nested(5)),
        ["gguf: array.type is a word of value_type"] = ("metadata[13].value.type", () => Gguf().Set("metadata[13].value.type", 99).Bytes),
        ["gguf: tensor.name is UTF-8"] = ("tensors[0].name", () => Gguf().Overwrite("tensors[0].name", 9, 0xff).Bytes),
        ["gguf: tensor.name where length(name) > 0 && length(name) <= max_name"] = ("tensors[0].name", () => TinyFiles.GgufHead(1, 0, new byte[88])),
        ["gguf: tensor.dim_count where dim_count <= max_dims else unsupported"] = ("tensors[0].dim_count", () => Gguf().Set("tensors[0].dim_count", 5).Bytes),
        ["gguf: tensor.dims each item <= max_bytes"] = ("tensors[0].dims[1]", () => Gguf().Set("tensors[0].dims[1]", 1UL << 63).Bytes),
        ["gguf: tensor.type is a word of ggml_type"] = ("tensors[0].type", () => Gguf().Set("tensors[0].type", 4).Bytes),
        ["gguf: tensor.type where bytes_of(type, dims) <= max_bytes"] = ("tensors[0].type", () => Gguf().Set("tensors[0].dims[0]", 1UL << 35).Set("tensors[0].dims[1]", 1UL << 35).Bytes),
        ["gguf: tensor.type where dim_count == 0 || dims.first % block_of(type) == 0"] = ("tensors[0].type", () => Gguf().Set("tensors[0].dims[0]", 31).Bytes),
        ["gguf: tensor.offset = first ? 0 : align(previous.offset + bytes_of(previous.type, previous.dims), value_of(file.metadata, \"general.alignment\", default_alignment))"] =
            ("tensors[1].offset", () => Gguf().Set("tensors[1].offset", 36).Bytes),
        ["gguf: value.bool is a word of flag"] = ("metadata[8].value", () => Gguf().Set("metadata[8].value", 2).Bytes),
        ["gguf: value.string is UTF-8"] = ("metadata[0].value", () => Gguf().Overwrite("metadata[0].value", 9, 0xff).Bytes),
        ["gguf: every field lies inside its section"] = ("metadata", () => Gguf().Set("pair_count", ulong.MaxValue).Bytes),
    };

    public static TheoryData<string> Rules => [.. Names()];

    [Theory]
    [MemberData(nameof(Rules))]
    public void A_broken_rule_is_reported_with_its_id_and_field(string name)
    {
        Assert.True(Breakers.TryGetValue(name, out var breaker), $"no test breaks '{name}'");
        var format = name[..name.IndexOf(':', StringComparison.Ordinal)];
        var id = SpecRules.Of(FormatTable.Find(format)!.Spec).First(rule => $"{format}: {rule.Name}" == name).Row.Id;
        var items = Read(format, breaker.Break());
        var all = string.Join('\n', items);
        Assert.True(items.Any(item => item.Id == id && (item.Place.Field ?? "") == breaker.Field), $"expected {id} at '{breaker.Field}', found:\n{all}");
        Assert.All(items, item => Assert.True(item.Place.File is not null && item.Message.Contains("expected", StringComparison.Ordinal) && item.Message.Contains("found", StringComparison.Ordinal), all));
    }

    [Fact]
    public void No_test_breaks_a_rule_that_does_not_exist() => Assert.Empty(Breakers.Keys.Except(Names()));

    [Fact]
    public void Sizes_that_overflow_are_refused() =>
        Assert.Contains(Read("gguf", Gguf().Set("tensors[0].dims[0]", 1UL << 62).Set("tensors[0].dims[1]", 1UL << 62).Bytes), item => item.Id == "BIM4012" && item.Place.Field == "tensors[0].type");

    [Fact]
    public void Arrays_may_be_nested_as_deep_as_the_spec_says() => Assert.Empty(Read("gguf", Nested(4)));

    internal static IReadOnlyList<Diagnostic> Read(string format, byte[] bytes)
    {
        var diagnostics = new DiagnosticBag();
        SpecReader.Read(FormatTable.Find(format)!.Spec, SpecSource.Of("broken", bytes), diagnostics);
        return diagnostics.Items;
    }

    private static IEnumerable<string> Names() =>
        FormatTable.All.Where(row => row != FormatTable.Bimb).SelectMany(row => SpecRules.Of(row.Spec).Select(rule => $"{row.Name}: {rule.Name}"));

    private static SpecPatch Safetensors() => new(FormatTable.Safetensors.Spec, TinyFiles.Safetensors());

    private static SpecPatch Gguf() => new(FormatTable.Gguf.Spec, TinyFiles.Gguf());

    /// <summary>Lists of one list each, the innermost of no bytes.</summary>
    private static byte[] Nested(int depth)
    {
        byte[] list = [.. BitConverter.GetBytes(0), .. BitConverter.GetBytes(0L)];
        for (var i = 1; i < depth; i++)
            list = [.. BitConverter.GetBytes(9), .. BitConverter.GetBytes(1L), .. list];
        return TinyFiles.GgufHead(0, 1, [.. BitConverter.GetBytes(1L), (byte)'k', .. BitConverter.GetBytes(9), .. list]);
    }
}
