using BiMamba.Formats.Bimb;
using BiMamba.Formats.Spec;

namespace BiMamba.Bimb.Tests;

/// <summary>Breaks every rule of the spec in a good file, one at a time.</summary>
public sealed class RuleTests
{
    private static readonly byte[] Good = TinyModel.Write(TinyModel.Content());

    /// <summary>The rule, the field that the error names, and how the rule is broken.</summary>
    private static readonly Dictionary<string, (string Field, Func<Patch, Patch> Break)> Breakers = new(StringComparer.Ordinal)
    {
        ["file.head_sha256 = sha256(head) else hash"] = ("head_sha256", p => p.Flip("head_sha256")),
        ["file.module has the SHA-256 of head.module"] = ("head.module.sha256", p => p.Flip("module", 3)),
        ["file.module fills head.module"] = ("module", p => p.Overwrite("module.blocks", 0, 2, 0).Rehash()),
        ["file.recipe has the SHA-256 of head.recipe"] = ("head.recipe.sha256", p => p.Flip("recipe")),
        ["file.recipe is UTF-8"] = ("recipe", p => p.Overwrite("recipe", 0, 0xff).Rehash()),
        ["file.tokenizer has the SHA-256 of head.tokenizer"] = ("head.tokenizer.sha256", p => p.Flip("tokenizer", 5)),
        ["file.table has the SHA-256 of head.table"] = ("head.table.sha256", p => p.Flip("table", 9)),
        ["file.table fills head.table"] = ("table", p => p.Set("table.count", 5).Rehash()),
        ["file.padding is zero"] = ("padding", p => p.Overwrite("padding", 1, 7)),
        ["file.data has zeros between its pieces"] = ("", p => p.Overwrite("data", 48, 1)),
        ["file.data has the SHA-256 of its pieces"] = ("", p => p.Flip("data", 5)),
        ["head.magic = \"BIMB\" else signature"] = ("head.magic", p => p.Flip("head.magic").Rehash()),
        ["head.version = 1 else version"] = ("head.version", p => p.Set("head.version", 2).Rehash()),
        ["head.reserved = 0"] = ("head.reserved", p => p.Set("head.reserved", 1).Rehash()),
        ["head.file_size = total else truncated"] = ("head.file_size", p => p.Add("head.file_size", 1).Rehash()),
        ["head.data_offset = position(file.data)"] = ("head.data_offset", p => p.Add("head.data_offset", 64).Rehash()),
        ["head.data_size = file.table.count == 0 ? 0 : file.table.tensors.last.offset + file.table.tensors.last.size - data_offset"] =
            ("head.data_size", p => p.Add("head.data_size", unchecked((ulong)-1)).Rehash()),
        ["section.offset = position(target)"] = ("head.recipe.offset", p => p.Add("head.recipe.offset", 1).Rehash()),
        // The section is hashed over the stated size before it is read, so a wrong size is a wrong hash.
        ["section.size = size_of(target)"] = ("head.module.sha256", p => p.Add("head.module.size", 1)),
        ["section.size where size <= most"] = ("head.module.size", p => p.Set("head.module.size", 1 << 23).Rehash()),
        ["section.sha256 = sha256(target) else hash"] = ("head.table.sha256", p => p.Flip("head.table.sha256")),
        ["tokenizer.kind is a word of tokenizer_kind"] = ("tokenizer.kind", p => p.Set("tokenizer.kind", 9).Rehash()),
        ["tokenizer.content where kind == kind.json || length(content) == 0"] = ("tokenizer.content", p => p.Set("tokenizer.kind", 1).Rehash()),
        ["table.count where count <= max_tensors"] = ("table.count", p => p.Set("table.count", 70_000).Rehash()),
        ["table.tensors sorted by name"] = ("table.tensors[1]", p => p.Overwrite("table.tensors[0].name", 2, (byte)'z').Rehash()),
        ["tensor.name is UTF-8"] = ("table.tensors[0].name", p => p.Overwrite("table.tensors[0].name", 3, 0xff).Rehash()),
        ["tensor.name where length(name) > 0"] = ("table.tensors[0].name", p => p.Overwrite("table.tensors[0].name", 0, 0, 0).Rehash()),
        ["tensor.encoding is a word of encoding"] = ("table.tensors[2].encoding", p => p.Set("table.tensors[2].encoding", 77).Rehash()),
        ["tensor.rank where rank <= max_rank"] = ("table.tensors[1].rank", p => p.Set("table.tensors[1].rank", 5).Rehash()),
        ["tensor.rank where encoding == encoding.bits1 ? rank == 3 : encoding < encoding.sign1 || rank == 2"] = ("table.tensors[1].rank", p => p.Set("table.tensors[1].encoding", 32).Rehash()),
        ["tensor.dims each item <= max_dim"] = ("table.tensors[1].dims[0]", p => p.Set("table.tensors[1].dims[0]", 1UL << 63).Rehash()),
        ["tensor.offset = first ? file.head.data_offset : align(previous.offset + previous.size, alignment)"] =
            ("table.tensors[3].offset", p => p.Add("table.tensors[3].offset", 64).Rehash()),
        ["tensor.size = bytes_of(encoding, dims)"] = ("table.tensors[2].size", p => p.Add("table.tensors[2].size", 1).Rehash()),
        ["module.name is UTF-8"] = ("module.name", p => p.Overwrite("module.name", 2, 0xff).Rehash()),
        ["module.level is a word of level"] = ("module.level", p => p.Set("module.level", 4).Rehash()),
        ["block.name is UTF-8"] = ("module.blocks[0].name", p => p.Overwrite("module.blocks[0].name", 2, 0xff).Rehash()),
        ["block.result is UTF-8"] = ("module.blocks[2].result", p => p.Overwrite("module.blocks[2].result", 2, 0xff).Rehash()),
        ["op.name is UTF-8"] = ("module.blocks[1].ops[1].name", p => p.Overwrite("module.blocks[1].ops[1].name", 2, 0xff).Rehash()),
        ["op.attributes sorted by key"] = ("module.blocks[1].ops[4].attributes[1]", p => p.Overwrite("module.blocks[1].ops[4].attributes[0].key", 1, (byte)'z').Rehash()),
        ["value.name is UTF-8"] = ("module.blocks[0].parameter.name", p => p.Overwrite("module.blocks[0].parameter.name", 2, 0xff).Rehash()),
        ["value.element is a word of encoding"] = ("module.blocks[0].parameter.element", p => p.Set("module.blocks[0].parameter.element", 99).Rehash()),
        ["value.element where element < element.sign1"] = ("module.blocks[0].parameter.element", p => p.Set("module.blocks[0].parameter.element", 33).Rehash()),
        ["value.rank where rank >= 1 && rank <= max_rank"] = ("module.blocks[1].parameter.rank", p => p.Set("module.blocks[1].parameter.rank", 0).Rehash()),
        ["value.dims each item >= -1 && item <= max_dim"] = ("module.blocks[1].parameter.dims[0]", p => p.Set("module.blocks[1].parameter.dims[0]", unchecked((ulong)-2)).Rehash()),
        ["operand.role is UTF-8"] = ("module.blocks[0].ops[0].operands[0].role", p => p.Overwrite("module.blocks[0].ops[0].operands[0].role", 1, 0xff).Rehash()),
        ["operand.target has a tag of target"] = ("module.blocks[0].ops[0].operands[0].target", p => p.Overwrite("module.blocks[0].ops[0].operands[0].target", 0, 2).Rehash()),
        ["resource.index where index < length(file.table.tensors)"] =
            ("module.blocks[0].ops[0].operands[1].target.index", p => p.Set("module.blocks[0].ops[0].operands[1].target.index", 7).Rehash()),
        ["attribute.key is UTF-8"] = ("module.attributes[0].key", p => p.Overwrite("module.attributes[0].key", 1, 0xff).Rehash()),
        ["attribute.key where length(key) > 0"] = ("module.attributes[0].key", p => p.Overwrite("module.attributes[0].key", 0, 0).Rehash()),
        ["attribute.value has a tag of attribute_value"] = ("module.attributes[0].value", p => p.Overwrite("module.attributes[0].value", 0, 200).Rehash()),
        ["target.value is UTF-8"] = ("module.blocks[0].ops[0].operands[0].target", p => p.Overwrite("module.blocks[0].ops[0].operands[0].target", 3, 0xff).Rehash()),
        ["attribute_value.bool is a word of flag"] = ("module.attributes[1].value", p => p.Overwrite("module.attributes[1].value", 1, 2).Rehash()),
        ["attribute_value.word is UTF-8"] = ("module.attributes[3].value", p => p.Overwrite("module.attributes[3].value", 3, 0xff).Rehash()),
        ["the file ends with its last field"] = ("", p => p.Resize(p.Bytes.Length + 1)),
        ["every field lies inside its section"] = ("data", p => p.Resize(p.Bytes.Length - 1)),
    };

    /// <summary>Rules that an earlier rule always decides, with the id that is reported.</summary>
    private static readonly Dictionary<string, string> DecidedEarlier = new(StringComparer.Ordinal)
    {
        ["section.size = size_of(target)"] = "BIM4013",
    };

    public static TheoryData<string> Rules => [.. SpecRules.Of(BimbFormat.Spec).Select(rule => rule.Name)];

    [Fact]
    public void The_good_file_is_good() => Assert.Empty(TinyModel.OpenAndVerify(Good).Items);

    [Theory]
    [MemberData(nameof(Rules))]
    public void A_broken_rule_is_reported_with_its_id_and_field(string name)
    {
        Assert.True(Breakers.TryGetValue(name, out var breaker), $"no test breaks '{name}'");
        var rule = SpecRules.Of(BimbFormat.Spec).First(rule => rule.Name == name);
        var id = DecidedEarlier.GetValueOrDefault(name, rule.Row.Id);
        var diagnostics = TinyModel.OpenAndVerify(breaker.Break(new Patch(Good)).Bytes);
        var all = string.Join('\n', diagnostics.Items);
        Assert.True(diagnostics.Items.Any(item => item.Id == id && (item.Place.Field ?? "") == breaker.Field), $"expected {id} at '{breaker.Field}', found:\n{all}");
        Assert.All(diagnostics.Items, item => Assert.True(item.Place.File is not null && item.Message.Contains("expected", StringComparison.Ordinal) && item.Message.Contains("found", StringComparison.Ordinal), all));
    }

    [Fact]
    public void No_test_breaks_a_rule_that_does_not_exist() =>
        Assert.Empty(Breakers.Keys.Concat(DecidedEarlier.Keys).Except(SpecRules.Of(BimbFormat.Spec).Select(rule => rule.Name)));

    [Theory]
    [InlineData("head.magic", "BIM4001", 4)]
    [InlineData("head.version", "BIM4002", 5)]
    public void Another_kind_of_file_or_version_is_the_only_error(string field, string id, int exitCode)
    {
        var diagnostics = TinyModel.OpenAndVerify(new Patch(Good).Flip(field).Bytes);
        Assert.Equal(id, Assert.Single(diagnostics.Items).Id);
        Assert.Equal(exitCode, (int)diagnostics.ExitCode);
    }

    [Fact]
    public void Errors_of_several_sections_are_all_reported()
    {
        var bytes = new Patch(Good).Flip("module", 1).Flip("recipe", 1).Flip("table", 12).Bytes;
        Assert.Equal(["head.module.sha256", "head.recipe.sha256", "head.table.sha256"], TinyModel.OpenAndVerify(bytes).Items.Select(item => item.Place.Field));
    }

    [Fact]
    public void Padding_bits_inside_packed_tensors_are_checked()
    {
        // proj.sign is [5, 3]: row 5 is padding, and so is column 3. The hash of the row is made right.
        foreach (var distance in (int[])[4 * 5, 4 * 4])
        {
            var patch = new Patch(Good);
            var row = Enumerable.Range(0, 7).First(i => ((SpecTextNode)patch.Find($"table.tensors[{i}].name")).Value == "proj.sign");
            var offset = (int)((SpecIntegerNode)patch.Find($"table.tensors[{row}].offset")).Int64;
            patch.Bytes[offset + distance] |= 0x08;
            patch.Overwrite($"table.tensors[{row}].sha256", 0, System.Security.Cryptography.SHA256.HashData(patch.Bytes.AsSpan(offset, 64)));
            var item = Assert.Single(TinyModel.OpenAndVerify(patch.Rehash().Bytes).Items);
            Assert.Equal("BIM4015", item.Id);
            Assert.Equal(offset + distance, item.Place.Offset);
        }
    }

    [Fact]
    public void An_op_of_a_later_version_is_refused_by_name()
    {
        var diagnostics = TinyModel.OpenAndVerify(new Patch(Good).Overwrite("module.blocks[0].ops[0].name", 1, "embeddinX"u8).Rehash().Bytes);
        Assert.Equal("BIM4003", diagnostics.Items[0].Id);
        Assert.Contains("embeddinX", diagnostics.Items[0].Message, StringComparison.Ordinal);
        Assert.Equal(5, (int)diagnostics.ExitCode);
    }

    [Fact]
    public void Sizes_that_overflow_are_refused()
    {
        // A rank-2 tensor of 2^40 by 2^40 doubles the number of bits that a size has.
        var patch = new Patch(Good).Set("table.tensors[0].dims[0]", 1UL << 40).Set("table.tensors[0].dims[1]", 1UL << 40).Rehash();
        Assert.Contains(TinyModel.OpenAndVerify(patch.Bytes).Items, item => item.Id is "BIM4005" or "BIM4012" && item.Place.Field == "table.tensors[0].size");
    }
}
