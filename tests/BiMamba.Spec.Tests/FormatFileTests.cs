using System.Diagnostics;
using BiMamba.Diagnostics;
using BiMamba.Formats.Spec;
using BiMamba.Tensors;
using BiMamba.Testing;

namespace BiMamba.Spec.Tests;

/// <summary>Whole files: good ones, cut ones, changed ones, and files that lie about their size.</summary>
public sealed class FormatFileTests
{
    private static readonly FormatRow[] Others = [FormatTable.Safetensors, FormatTable.Gguf];

    /// <summary>Safetensors and GGUF files of the repository.</summary>
    public static TheoryData<string> Committed => [.. Files(Repository.Golden("models"))];

    [Theory]
    [MemberData(nameof(Committed))]
    public void Every_committed_file_passes(string name) => Passes(Path.Combine(Repository.Golden("models"), name));

    [Theory]
    [InlineData("models")]
    [InlineData("oracles")]
    public void Every_shared_file_passes(string folder)
    {
        var root = Repository.RequireShared(folder);
        var files = Files(root).ToArray();
        Assert.NotEmpty(files);
        Assert.All(files, name => Passes(Path.Combine(root, name)));
    }

    [Theory]
    [InlineData(2, 32)]
    [InlineData(3, 8)]
    [InlineData(3, 64)]
    public void Both_versions_and_every_alignment_pass(uint version, uint alignment) =>
        Assert.Empty(FormatRuleTests.Read("gguf", TinyFiles.Gguf(version, alignment)));

    [Fact]
    public void The_default_alignment_holds_where_a_file_states_none()
    {
        // Another key of the same length leaves the layout as it is.
        var bytes = TinyFiles.Gguf(alignment: 32);
        bytes.AsSpan(bytes.AsSpan().IndexOf("general.alignment"u8)).Slice(8, 9).Fill((byte)'x');
        Assert.Empty(FormatRuleTests.Read("gguf", bytes));
    }

    [Fact]
    public void A_file_without_tensors_may_end_with_its_metadata() => Assert.Empty(FormatRuleTests.Read("gguf", TinyFiles.GgufList(0, 3, 1, 2, 3)));

    [Fact]
    public void A_file_that_is_cut_anywhere_is_malformed()
    {
        var good = TinyFiles.Gguf();
        for (var length = 0; length < good.Length - 62; length++)
            Assert.True(FormatRuleTests.Read("gguf", good[..length]).Count > 0, $"cut at {length}");
        good = TinyFiles.Safetensors();
        for (var length = 0; length < good.Length - 16; length++)
            Assert.True(FormatRuleTests.Read("safetensors", good[..length]).Count > 0, $"cut at {length}");
    }

    [Fact]
    public void Changed_files_never_throw()
    {
        var random = new Random(20_240_611);
        foreach (var row in Others)
        {
            var good = row == FormatTable.Gguf ? TinyFiles.Gguf() : TinyFiles.Safetensors();
            for (var run = 0; run < 4000; run++)
            {
                byte[] bytes = [.. good];
                for (var changes = random.Next(1, 4); changes > 0; changes--)
                    bytes[random.Next(bytes.Length)] = random.Next(3) switch { 0 => 0, 1 => 0xff, _ => (byte)random.Next(256) };
                var exception = Record.Exception(() => FormatRuleTests.Read(row.Name, bytes));
                Assert.True(exception is null, $"{row.Name}, run {run}: {exception}");
            }
        }
    }

    [Theory]
    [InlineData(0UL, ulong.MaxValue)]
    [InlineData(ulong.MaxValue, 0UL)]
    [InlineData(1UL << 62, 1UL << 62)]
    public void Lying_counts_allocate_nothing(ulong tensors, ulong pairs) => IsRefusedCheaply(TinyFiles.GgufHead(tensors, pairs, new byte[64]), "BIM4004");

    [Theory]
    [InlineData(0, ulong.MaxValue)]
    [InlineData(10, 1UL << 61)]
    [InlineData(8, 1UL << 61)]
    [InlineData(9, 100UL)]
    public void Lying_lists_allocate_nothing(int type, ulong count) => IsRefusedCheaply(TinyFiles.GgufList(type, count, new byte[64]), "BIM4004");

    [Fact]
    public void A_file_of_too_many_values_is_refused_before_it_is_read() => IsRefusedCheaply(TinyFiles.GgufList(0, 5_000_000, new byte[5_000_000]), "BIM4018");

    [Fact]
    public void Values_are_counted_over_all_lists()
    {
        var diagnostics = new DiagnosticBag();
        SpecReader.Read(FormatTable.Gguf.Spec, SpecSource.Of("many", TinyFiles.Gguf()), diagnostics, maxValues: 100);
        Assert.Equal("BIM4018", Assert.Single(diagnostics.Items).Id);
    }

    [Fact]
    public void Millions_of_errors_end_the_reading()
    {
        var bytes = TinyFiles.GgufList(7, 4_000_000, new byte[4_000_000]);
        bytes.AsSpan(bytes.Length - 4_000_000).Fill(9);
        var watch = Stopwatch.StartNew();
        Assert.Equal(DiagnosticBag.MaxErrors, FormatRuleTests.Read("gguf", bytes).Count);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(5), $"{watch.Elapsed}");
    }

    [Fact]
    public void Formats_are_recognized_by_content_then_by_extension()
    {
        Assert.Equal("gguf", FormatTable.Recognize(SpecSource.Of("x.bin", TinyFiles.Gguf()))?.Name);
        Assert.Equal("safetensors", FormatTable.Recognize(SpecSource.Of("x", TinyFiles.Safetensors()))?.Name);
        Assert.Equal("bimb", FormatTable.Recognize(SpecSource.Of("x.gguf", "BIMB"u8.ToArray()))?.Name);
        Assert.Equal("gguf", FormatTable.Recognize(SpecSource.Of("broken.GGUF", new byte[3]))?.Name);
        Assert.Equal("safetensors", FormatTable.Recognize(SpecSource.Of("a/broken.safetensors", TinyFiles.Safetensors().AsMemory(0, 30)))?.Name);
        Assert.Null(FormatTable.Recognize(SpecSource.Of("x.bin", new byte[100])));
        Assert.Null(FormatTable.Recognize(SpecSource.Of("", Array.Empty<byte>())));
    }

    private static void IsRefusedCheaply(byte[] bytes, string id)
    {
        Assert.Contains(FormatRuleTests.Read("gguf", bytes), item => item.Id == id);
        var before = GC.GetAllocatedBytesForCurrentThread();
        FormatRuleTests.Read("gguf", bytes);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 1 << 20);
    }

    private static IEnumerable<string> Files(string root) => Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories)
        .Where(file => Others.Any(row => Path.GetExtension(file) == row.Extension))
        .Select(file => Path.GetRelativePath(root, file)).Order(StringComparer.Ordinal);

    private static void Passes(string path)
    {
        var diagnostics = new DiagnosticBag();
        using var map = FileMap.Open(path, diagnostics)!;
        var row = FormatTable.Recognize(SpecSource.Of(map));
        Assert.Equal(Path.GetExtension(path), row?.Extension);
        var tree = SpecReader.Read(row!.Spec, SpecSource.Of(map), diagnostics);
        Assert.Empty(diagnostics.Items);
        Assert.Equal(map.Length, tree.Root.Size);
    }
}
