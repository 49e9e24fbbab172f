using BiMamba.Diagnostics;
using BiMamba.IR;
using BiMamba.IR.Reading;
using BiMamba.Text;

namespace BiMamba.Measurement.Tests;

/// <summary>The bytes of a token.</summary>
public sealed class ByteCeilingTests
{
    private const string Text = """
        module @m level packed { d_model = 32 }
        resource @e : f16[100,32]
        resource @h : f16[100,32]
        resource @n : f32[32]
        resource @s : sign1[32,32]
        resource @v : f32[32]
        block @embed (%ids : i32[T]) -> f32[T,32] {
          %x = embedding %ids, @e {group = 0} : f32[T,32]
          return %x
        }
        block @layers.0 (%r : f32[T,32]) -> f32[T,32] {
          %n = rms_norm %r, weight = @n {eps = 1e-05} : f32[T,32]
          %p = sign_linear %n, @s, column_shift = @v : f32[T,32]
          %s = add %r, %p : f32[T,32]
          return %s
        }
        block @head (%r : f32[T,32]) -> f32[T,100] {
          %n = rms_norm %r, weight = @n {eps = 1e-05} : f32[T,32]
          %y = lm_head %n, @h {group = 0} : f32[T,100]
          return %y
        }
        """;

    [Fact]
    public void An_untied_model_reads_one_row_of_its_embedding()
    {
        var bytes = ByteCeiling.Of(Parse(Text), 1000);
        Assert.Equal(
            [new("linears", 128 + 128), new("norms, convolutions and scans", 128), new("head", 6400), new("embedding row", 64), new("state read", 1000), new("state written", 1000)],
            bytes.Parts);
        Assert.Equal(8848, bytes.Total);
    }

    [Fact]
    public void A_tied_embedding_is_read_by_the_head()
    {
        var bytes = ByteCeiling.Of(Parse(Text.Replace("@h {", "@e {", StringComparison.Ordinal).Replace("resource @h : f16[100,32]\n", "", StringComparison.Ordinal)), 0);
        Assert.Equal(["linears", "norms, convolutions and scans", "head"], bytes.Parts.Select(part => part.Part));
        Assert.Equal(6400, bytes.Parts[^1].Bytes);
    }

    [Fact]
    public void The_weights_of_the_linears_are_without_the_head() => Assert.Equal(1024, ByteCeiling.LinearWeights(Parse(Text)));

    [Fact]
    public void A_module_without_weights_has_no_products() => Assert.Null(LinearProducts.Of(Parse(Text), 1, 8));

    private static Module Parse(string text)
    {
        var diagnostics = new DiagnosticBag();
        var parsed = IrParser.Parse(new SourceText("m.bmir", text + "\n"), diagnostics);
        Assert.Empty(diagnostics.Items);
        return parsed!.Module;
    }
}
