using System.Diagnostics;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Formats.Bimb;
using BiMamba.Formats.Spec;
using BiMamba.IR;
using BiMamba.Tensors;
using BiMamba.Testing;

namespace BiMamba.Bimb.Tests;

public sealed class RoundTripTests
{
    [Fact]
    public void The_module_the_recipe_the_tokenizer_and_the_tensors_come_back()
    {
        using var folder = new TemporaryFolder();
        var content = TinyModel.Content();
        var diagnostics = new DiagnosticBag();
        Assert.True(BimbWriter.Write(folder["a.bimb"], content, force: false, diagnostics), string.Join('\n', diagnostics.Items));
        using var file = BimbReader.Open(folder["a.bimb"], diagnostics);
        Assert.True(file is not null, string.Join('\n', diagnostics.Items));
        Assert.Equal(IrPrinter.Print(content.Module), IrPrinter.Print(file.Module));
        Assert.Equal(content.Recipe, file.Recipe);
        Assert.Equal(content.Tokenizer.Kind, file.Tokenizer.Kind);
        Assert.True(content.Tokenizer.Content.Span.SequenceEqual(file.Tokenizer.Content.Span));
        Assert.Equal(content.Module.Resources.Keys, file.Tensors.Keys.Order(StringComparer.Ordinal));
        foreach (var (name, resource) in content.Module.Resources)
        {
            Assert.Equal(resource.Data.ToBytes(), file.Tensors[name].Data.ToBytes());
            Assert.Equal(TensorHash.Sha256(resource.Data), file.Tensors[name].Sha256);
            Assert.Equal(0, file.Tensors[name].Offset % 64);
        }

        Assert.True(BimbVerifier.VerifyHashes(file, diagnostics), string.Join('\n', diagnostics.Items));
        Assert.Empty(diagnostics.Items);
    }

    [Fact]
    public void Bytes_are_a_function_of_the_content()
    {
        var content = TinyModel.Content();
        Assert.Equal(TinyModel.Write(content), TinyModel.Write(content));
    }

    [Fact]
    public void Reading_and_writing_again_gives_the_same_bytes()
    {
        using var folder = new TemporaryFolder();
        var bytes = TinyModel.Write(TinyModel.Content());
        File.WriteAllBytes(folder["a.bimb"], bytes);
        using var file = BimbReader.Open(folder["a.bimb"], new DiagnosticBag())!;
        Assert.Equal(bytes, TinyModel.Write(new BimbContent(file.Module, file.Recipe, file.Tokenizer)));
    }

    [Fact]
    public void A_module_without_tensors_and_an_empty_last_tensor_have_files()
    {
        var content = TinyModel.Content();
        var empty = content with { Module = content.Module with { Resources = Module.ResourceMap([]), Blocks = [] }, Tokenizer = BimbTokenizer.Bytes, Recipe = "" };
        // The verifier of the IR wants blocks; the file itself is well formed.
        Assert.All(TinyModel.OpenAndVerify(TinyModel.Write(empty)).Items, item => Assert.StartsWith("BIM2", item.Id, StringComparison.Ordinal));

        var last = new Resource("z", new MemoryTensor(default, ElementType.F32, Shape.Of(0, 3)));
        var padded = content with { Module = content.Module with { Resources = content.Module.Resources.Add("z", last) } };
        Assert.Equal(["BIM2"], TinyModel.OpenAndVerify(TinyModel.Write(padded)).Items.Select(item => item.Id[..4]).Distinct());
    }

    [Fact]
    public void The_size_is_known_before_anything_is_written()
    {
        var content = TinyModel.Content();
        Assert.Equal(TinyModel.Write(content).Length, BimbWriter.Measure("a.bimb", content, new DiagnosticBag()));
    }

    [Fact]
    public void The_digest_of_a_content_is_that_of_its_file()
    {
        using var folder = new TemporaryFolder();
        var (content, bag) = (TinyModel.Content(), new DiagnosticBag());
        Assert.True(BimbWriter.Write(folder["a.bimb"], content, force: false, bag));
        using var file = BimbReader.Open(folder["a.bimb"], bag)!;
        var (expected, found) = (BimbDigest.Of(file), BimbDigest.Of("a.bimb", content, 3, bag)!);
        Assert.Equal(expected.Front.ToArray(), found.Front.ToArray());
        Assert.Equal(file.Rows.Select(row => row with { Data = null! }), found.Rows.Select(row => row with { Data = null! }));
        Assert.Equal((expected.ModuleSha256, expected.TokenizerSha256), (found.ModuleSha256, found.TokenizerSha256));
        var changed = BimbDigest.Of("a.bimb", content with { Tokenizer = BimbTokenizer.Bytes, Recipe = "{}" }, 1, bag)!;
        Assert.Equal(found.ModuleSha256, changed.ModuleSha256);
        Assert.NotEqual(found.TokenizerSha256, changed.TokenizerSha256);
        Assert.Empty(bag.Items);
    }

    [Fact]
    public void An_existing_file_is_kept_without_force()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["a.bimb"], "mine");
        var diagnostics = new DiagnosticBag();
        Assert.False(BimbWriter.Write(folder["a.bimb"], TinyModel.Content(), force: false, diagnostics));
        Assert.Equal(OutputDiagnostics.Exists.Id, Assert.Single(diagnostics.Items).Id);
        Assert.Equal("mine", File.ReadAllText(folder["a.bimb"]));
        Assert.True(BimbWriter.Write(folder["a.bimb"], TinyModel.Content(), force: true, diagnostics));
    }

    [Fact]
    public void A_cancelled_write_leaves_nothing()
    {
        using var folder = new TemporaryFolder();
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        Assert.Throws<OperationCanceledException>(() => BimbWriter.Write(folder["a.bimb"], TinyModel.Content(), false, new DiagnosticBag(), null, cancelled.Token));
        Assert.Empty(Directory.GetFileSystemEntries(folder.Path));
    }

    [Fact]
    public void Steps_with_a_late_recipe_give_the_same_file()
    {
        using var folder = new TemporaryFolder();
        var (content, bag) = (TinyModel.Content(), new DiagnosticBag());
        using (var output = BimbOutput.Create(folder["a.bimb"], content with { Recipe = new string('0', content.Recipe.Length) }, force: false, bag))
        {
            Assert.True(output!.WriteData(3, bag, null, CancellationToken.None));
            var readBack = output.ReadBack(3, bag, null, CancellationToken.None);
            Assert.False(File.Exists(folder["a.bimb"]));
            Assert.True(output.Commit(content.Recipe, bag));
            using var file = BimbReader.Open(folder["a.bimb"], bag);
            Assert.Equal(file!.Rows.Select(row => row.Sha256), readBack);
            Assert.True(BimbVerifier.VerifyHashes(file, readBack!, bag));
            Assert.False(BimbVerifier.VerifyHashes(file, [.. readBack!.Skip(1), "00"], bag));
            Assert.All(bag.Items.Where(item => item.Severity == Severity.Error), item => Assert.Equal(BimbDiagnostics.TensorHash.Id, item.Id));
        }

        Assert.Equal(TinyModel.Write(content), File.ReadAllBytes(folder["a.bimb"]));
    }

    [Fact]
    public void A_step_that_is_not_committed_leaves_nothing()
    {
        using var folder = new TemporaryFolder();
        var bag = new DiagnosticBag();
        using (var output = BimbOutput.Create(folder["a.bimb"], TinyModel.Content(), force: false, bag))
        {
            Assert.True(output!.WriteData(1, bag, null, CancellationToken.None));
            Assert.Throws<InvalidOperationException>(() => output.Commit("other", bag));
        }

        Assert.Empty(Directory.GetFileSystemEntries(folder.Path));
    }

    [Fact]
    public void A_trit_plane_is_not_storable()
    {
        using var folder = new TemporaryFolder();
        var content = TinyModel.Content();
        var trit = new Resource("t", Encoding.Trit, Shape.Of(1, 1), new MemoryTensor(new byte[] { 1 }, ElementType.I8, Shape.Of(1, 1)));
        var diagnostics = new DiagnosticBag();
        Assert.False(BimbWriter.Write(folder["a.bimb"], content with { Module = content.Module with { Resources = content.Module.Resources.Add("t", trit) } }, false, diagnostics));
        Assert.Equal(BimbDiagnostics.NotStorable.Id, Assert.Single(diagnostics.Items).Id);
        Assert.False(File.Exists(folder["a.bimb"]));
    }

    [Fact]
    public void Every_encoding_of_the_file_is_known_and_has_the_size_of_the_spec()
    {
        var words = BimbFormat.Spec.FindEnum("encoding")!;
        Assert.Equal(Encodings.All.Select(row => row.Name).Where(name => name != "trit").Order(StringComparer.Ordinal), words.Members.Select(member => member.Name).Order(StringComparer.Ordinal));
        Assert.Equal(Levels.All.Select(row => row.Name), BimbFormat.Spec.FindEnum("level")!.Members.Select(member => member.Name));
        foreach (var member in words.Members)
        {
            var encoding = Encodings.All.First(row => row.Name == member.Name).Encoding;
            foreach (var matrix in (Shape[])[Shape.Of(17, 33), Shape.Of(1, 1), Shape.Of(16, 32), Shape.Of(0, 5), Shape.Of(5, 0)])
            {
                var shape = encoding == Encoding.Bits1 ? Shape.Of(3, matrix[0], matrix[1]) : matrix;
                var data = new MemoryTensor(new byte[encoding.ByteLength(shape)], ElementType.U8, Shape.Of(encoding.ByteLength(shape)));
                var content = TinyModel.Content();
                var resource = new Resource("zz", encoding, shape, data);
                content = content with { Module = content.Module with { Resources = content.Module.Resources.Add("zz", resource) } };
                Assert.NotNull(BimbWriter.Measure("a.bimb", content, new DiagnosticBag()));
            }
        }
    }

    [Fact]
    public void Opening_a_file_is_quick()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["a.bimb"], TinyModel.Write(TinyModel.Content()));
        var watch = Stopwatch.StartNew();
        using var file = BimbReader.Open(folder["a.bimb"], new DiagnosticBag());
        Assert.NotNull(file);
        TestContext.Current.TestOutputHelper!.WriteLine($"open {watch.Elapsed.TotalMilliseconds} ms");
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(1), $"{watch.Elapsed}");
    }
}
