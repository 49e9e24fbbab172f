using BiMamba.Diagnostics;
using BiMamba.Export.Safetensors;
using BiMamba.Formats.Safetensors;
using BiMamba.IR;
using BiMamba.Tensors;
using BiMamba.Testing;
using BiMamba.Testing.Building;
using BiMamba.Weights;

namespace BiMamba.Export.Tests;

/// <summary>Checkpoints of safetensors against the models that they come from.</summary>
public sealed class SafetensorsExportTests
{
    private static readonly int[] Ids = [.. System.Text.Encoding.ASCII.GetBytes("It was a dark and stormy night")];

    /// <summary>Dense sums differ by their order from those of signs. Seen: 1e-5 of logits up to 14.</summary>
    private const float Bound = 5e-5f;

    [Theory]
    [InlineData("tiny-bimamba-official", "dequantize", false)]
    [InlineData("tiny-bimamba-official", "fold-fbi | pack | dequantize", false)]
    [InlineData("tiny-bimamba-official", "fold-fbi | pack", true)]
    [InlineData("tiny-bimamba-official", "fold-fbi", true)]
    [InlineData("tiny-bimamba-official", "pack", true)]
    [InlineData("tiny-bimamba-official", "", true)]
    [InlineData("tiny-mamba2-hf", "rtn{bits=4} | pack | dequantize", false)]
    [InlineData("tiny-mamba2-hf", "xnor | pack", true)]
    public void A_checkpoint_computes_what_its_source_does(string name, string pipeline, bool isBiMamba)
    {
        using var folder = new TemporaryFolder();
        using var source = Models.Golden(name);
        var module = pipeline.Length == 0 ? source.Module : Models.Apply(source.Module, pipeline);
        var diagnostics = new DiagnosticBag();
        var checkpoint = Models.Good(isBiMamba ? BiMambaLayout.Create(module, "m", diagnostics) : HuggingFaceLayout.Create(module, "m", diagnostics), diagnostics);
        Assert.True(checkpoint.Write(folder["out"], null, new Dictionary<string, string>(), 1 << 20, false, diagnostics, null, TestContext.Current.CancellationToken));
        using var written = Models.Load(folder["out"]);
        Assert.Equal(isBiMamba ? "bi-mamba" : "hugging-face", written.Layout);
        Assert.InRange(Models.Difference(Models.Logits(module, Ids), Models.Logits(written.Module, Ids)), 0, Bound);
    }

    [Fact]
    public void Mamba_1_has_a_layout_of_its_own()
    {
        using var folder = new TemporaryFolder();
        using var source = Models.Small(SmallCheckpoint.Mamba1());
        var diagnostics = new DiagnosticBag();
        var checkpoint = Models.Good(HuggingFaceLayout.Create(source.Module, "m", diagnostics), diagnostics);
        Assert.True(checkpoint.Write(folder["out"], null, new Dictionary<string, string>(), 1 << 20, false, diagnostics, null, TestContext.Current.CancellationToken));
        using var written = Models.Load(folder["out"]);
        int[] ids = [1, 2, 3, 0, 2];
        Assert.Equal(0, Models.Difference(Models.Logits(source.Module, ids), Models.Logits(written.Module, ids)));
    }

    [Fact]
    public void Nothing_is_left_where_the_folder_has_a_checkpoint()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder["out"]);
        File.WriteAllText(Path.Combine(folder["out"], "config.json"), "{}");
        using var source = Models.Golden("tiny-bimamba-official");
        var diagnostics = new DiagnosticBag();
        var checkpoint = BiMambaLayout.Create(source.Module, "m", diagnostics)!;
        Assert.False(checkpoint.Write(folder["out"], null, new Dictionary<string, string>(), 1 << 20, false, diagnostics, null, TestContext.Current.CancellationToken));
        Assert.Equal("BIM6001", diagnostics.Items[^1].Id);
        Assert.Equal(["config.json"], Directory.GetFileSystemEntries(folder["out"]).Select(Path.GetFileName));
    }

    [Theory]
    [InlineData("fold-fbi | pack")]
    [InlineData("dequantize | rtn{bits=3} | pack")]
    [InlineData("dequantize | ternary | pack")]
    public void Planes_lie_row_by_row(string pipeline)
    {
        using var folder = new TemporaryFolder();
        using var source = Models.Golden("tiny-bimamba-official");
        var module = Models.Apply(source.Module, pipeline);
        var diagnostics = new DiagnosticBag();
        Assert.True(SafetensorsWriter.Write(folder["p.safetensors"], PackedLayout.Tensors(module), PackedLayout.Metadata(module, "bytes", "{}"), false, diagnostics, TestContext.Current.CancellationToken));
        using var file = Models.Good(SafetensorsReader.OpenFile(folder["p.safetensors"], diagnostics), diagnostics);
        foreach (var resource in module.Resources.Values)
        {
            var stored = file.Tensors[resource.Name].Tensor;
            if (resource.Encoding is not (Encoding.Sign1 or Encoding.Bits1))
            {
                Assert.Equal(resource.Data.ToBytes(), stored.ToBytes());
                continue;
            }

            var (rows, columns) = ((int)resource.Shape[resource.Shape.Rank - 2], (int)resource.Shape[resource.Shape.Rank - 1]);
            var (bytes, rowBytes, tiles) = (stored.ToBytes(), (columns + 7) / 8, resource.Data.ToBytes());
            var planeBytes = tiles.Length / (resource.Shape.Rank == 3 ? (int)resource.Shape[0] : 1);
            Assert.Equal(resource.Shape.Rank == 3 ? resource.Shape[0] * rows * rowBytes : (long)rows * rowBytes, bytes.Length);
            for (var i = 0; i < 5000; i++)
            {
                // Some bits of every plane, spread by a step that shares no factor with its size.
                var at = (long)i * 7919 % (bytes.Length * 8L / rowBytes / 8 * columns);
                var (line, column) = ((int)(at / columns), (int)(at % columns));
                var (tileByte, bit) = Kernels.SignTiles.Locate(line % rows, column, columns);
                Assert.Equal(tiles[(line / rows * planeBytes) + (int)tileByte] >> bit & 1, bytes[(line * rowBytes) + (column / 8)] >> (column % 8) & 1);
            }
        }
    }

    [Theory]
    [InlineData("tiny-mamba2-hf", "", "expected planes of signs")]
    [InlineData("tiny-mamba2-hf", "onebit | pack", "expected signs with one scale")]
    [InlineData("tiny-bimamba-official", "fold-fbi{fidelity=official-fp16} | pack", "zero_shift")]
    public void What_the_official_code_cannot_compute_is_refused(string name, string pipeline, string message)
    {
        using var source = Models.Golden(name);
        var diagnostics = new DiagnosticBag();
        Assert.Null(BiMambaLayout.Create(pipeline.Length == 0 ? source.Module : Models.Apply(source.Module, pipeline), "m", diagnostics));
        Assert.Contains(diagnostics.Items, item => item.Id == "BIM6302" && item.Message.Contains(message, StringComparison.Ordinal));
    }
}
