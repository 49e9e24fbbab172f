using BiMamba.Diagnostics;
using BiMamba.Formats.Safetensors;
using BiMamba.Tensors;

namespace BiMamba.CommandLine.Tests;

/// <summary>bimambac opt on files: weights beside a text, reproducers, both outputs or none.</summary>
public sealed class OptTests : IDisposable
{
    private const string Tiny = """
        module @tiny level float { vocab = 3 }
        resource @head.weight : f32[3,2]
        resource @w : f32[3,2]
        block @embed (%ids : i32[T]) -> f32[T,2] {
          %x = embedding %ids, @w {group = 0} : f32[T,2]
          return %x
        }
        block @head (%x : f32[T,2]) -> f32[T,3] {
          %y = lm_head %x, @head.weight {group = 0} : f32[T,3]
          return %y
        }

        """;

    private readonly Workplace place = new();

    [Fact]
    public async Task A_failing_pass_leaves_a_reproducer_that_fails_in_the_same_way()
    {
        WriteTiny(float.NaN);
        var failed = (await Cli.Run("opt", place["tiny.bmir"], "--pipeline", "pack | quantize-embedding", "--reproducer", place["repro.bmir"])).Is(ExitCode.Malformed);
        Assert.Contains("error BIM2105: quantize-embedding: tensor 'head.weight'", failed.Error, StringComparison.Ordinal);
        Assert.Contains($"hint: run them with bimambac opt {place["repro.bmir"]} --weights {place["tiny.bmir"]}", failed.Error, StringComparison.Ordinal);
        var text = await File.ReadAllTextAsync(place["repro.bmir"], TestContext.Current.CancellationToken);
        Assert.StartsWith("; failed: quantize-embedding{bits=8, group=64, head=true}\n; error BIM2105: ", text, StringComparison.Ordinal);
        Assert.Contains("\n; ran: pack{word=64}\n; pipeline: quantize-embedding{bits=8, group=64, head=true}\nmodule @tiny level packed", text, StringComparison.Ordinal);
        var again = await place.Fails(ExitCode.Malformed, "BIM2105", ["head.weight"], "opt", place["repro.bmir"], "--weights", place["tiny.bmir"]);
        Assert.Equal(failed.Error.Split('\n')[0], again.Error.Split('\n')[0]);
        (await Cli.Run("opt", place["repro.bmir"], "--pipeline", "")).Is(ExitCode.Ok);
    }

    [Fact]
    public async Task A_reproducer_of_a_reproducer_runs_again_from_the_model()
    {
        WriteTiny(float.NaN);
        await Cli.Run("opt", place["tiny.bmir"], "--pipeline", "pack | quantize-embedding", "--reproducer", place["one.bmir"]);
        await Cli.Run("opt", place["one.bmir"], "--weights", place["tiny.bmir"], "--pipeline", "canonicalize | quantize-embedding", "--reproducer", place["two.bmir"]);
        var text = await File.ReadAllTextAsync(place["two.bmir"], TestContext.Current.CancellationToken);
        Assert.Contains("\n; ran: pack{word=64} | canonicalize", text, StringComparison.Ordinal);
        await place.Fails(ExitCode.Malformed, "BIM2105", ["head.weight"], "opt", place["two.bmir"], "--weights", place["tiny.bmir"]);
    }

    [Fact]
    public async Task A_reproducer_that_could_not_be_written_or_run_is_refused_before_the_work()
    {
        var text = WriteTiny(1);
        await place.Fails(ExitCode.Usage, "BIM7001", ["--reproducer", ".bmir", "repro.txt"], "opt", text, "--reproducer", place["repro.txt"]);
        await place.Fails(ExitCode.OutputRefused, "BIM6001", ["tiny.bmir"], "opt", text, "--reproducer", text);
    }

    [Fact]
    public async Task Mistakes_in_the_lines_at_the_head_stand_at_their_place()
    {
        WriteTiny(1);
        place.Write("head.bmir", "; ran: pakc\n; pipeline: pack | fodl\n" + Tiny);
        await place.Fails(ExitCode.Usage, "BIM3002", ["head.bmir:2:20: ", "'fodl'"], "opt", place["head.bmir"]);
        await place.Fails(ExitCode.Usage, "BIM3002", ["head.bmir:1:8: ", "'pakc'"], "opt", place["head.bmir"], "--weights", place["tiny.bmir"]);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("-5")]
    [InlineData("9223372036854775807")]
    public async Task A_vocabulary_that_a_text_makes_up_is_bounded_by_the_rows(string vocabulary)
    {
        WriteTiny(1);
        await File.WriteAllTextAsync(place["tiny.bmir"], Tiny.Replace("vocab = 3", "vocab = " + vocabulary, StringComparison.Ordinal), TestContext.Current.CancellationToken);
        (await Cli.Run("bisect", place["tiny.bmir"], "--pipeline", "pack")).Is(ExitCode.Ok);
    }

    [Fact]
    public async Task A_run_without_a_failure_leaves_no_reproducer()
    {
        WriteTiny(1);
        (await Cli.Run("opt", place["tiny.bmir"], "--pipeline", "pack | quantize-embedding", "--reproducer", place["repro.bmir"])).Is(ExitCode.Ok);
        Assert.False(File.Exists(place["repro.bmir"]));
    }

    [Fact]
    public async Task A_reproducer_replaces_no_input() =>
        await place.Fails(ExitCode.OutputRefused, "BIM6003", ["tiny.bmir"], "opt", WriteTiny(float.NaN), "--pipeline", "quantize-embedding", "--force", "--reproducer", place["tiny.bmir"]);

    [Fact]
    public async Task The_line_of_a_text_is_its_default_pipeline()
    {
        WriteTiny(1);
        await File.WriteAllTextAsync(place["tiny.bmir"], "; pipeline: pack\n" + Tiny, TestContext.Current.CancellationToken);
        Assert.Contains("level packed", (await Cli.Run("opt", place["tiny.bmir"])).Is(ExitCode.Ok).Output, StringComparison.Ordinal);
        Assert.Contains("level float", (await Cli.Run("opt", place["tiny.bmir"], "--pipeline", "")).Is(ExitCode.Ok).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Weights_of_another_type_are_refused_at_their_line()
    {
        WriteTiny(1);
        await File.WriteAllTextAsync(place["tiny.bmir"], Tiny.Replace("@w : f32[3,2]", "@w : f16[3,2]", StringComparison.Ordinal), TestContext.Current.CancellationToken);
        await place.Fails(ExitCode.Malformed, "BIM2202", [":3:10: ", "expected f16[3,2], found f32[3,2]"], "inspect", place["tiny.bmir"]);
    }

    [Fact]
    public async Task A_text_without_weights_is_shown_and_not_run()
    {
        place.Write("tiny.bmir", Tiny);
        Assert.Equal(Tiny, (await Cli.Run("inspect", "--ir", place["tiny.bmir"])).Is(ExitCode.Ok).Output);
        await place.Fails(ExitCode.Malformed, "BIM2202", ["tiny.safetensors"], "logits", place["tiny.bmir"], "--ids", "1", "-o", place["x.safetensors"]);
    }

    [Fact]
    public async Task Both_files_are_written_or_none()
    {
        WriteTiny(1);
        place.Write("out.safetensors", "taken");
        await place.Fails(ExitCode.OutputRefused, "BIM6001", ["out.safetensors"], "opt", place["tiny.bmir"], "-o", place["out.bmir"], "--save-weights");
        (await Cli.Run("opt", place["tiny.bmir"], "-o", place["out.bmir"], "--save-weights", "--force")).Is(ExitCode.Ok);
        Assert.Equal((await Cli.Run("opt", place["tiny.bmir"])).Output, await File.ReadAllTextAsync(place["out.bmir"], TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Text_of_a_checkpoint_and_its_weights_from_there_are_the_checkpoint()
    {
        var ir = (await Cli.Run("inspect", "--ir", Workplace.Mamba2)).Is(ExitCode.Ok).Output;
        place.Write("m.bmir", ir);
        (await Cli.Run("opt", place["m.bmir"], "--weights", Workplace.Mamba2, "--pipeline", "pack", "-o", place["p.bmir"], "--save-weights")).Is(ExitCode.Ok);
        (await Cli.Run("convert", place["m.bmir"], "-o", place["none.bimb"])).Is(ExitCode.Malformed);
        (await Cli.Run("logits", place["p.bmir"], "--ids", "5,6,7", "-o", place["a.safetensors"])).Is(ExitCode.Ok);
        (await Cli.Run("logits", Workplace.Mamba2, "--ids", "5,6,7", "-o", place["b.safetensors"])).Is(ExitCode.Ok);
        Assert.Equal(await File.ReadAllBytesAsync(place["b.safetensors"], TestContext.Current.CancellationToken), await File.ReadAllBytesAsync(place["a.safetensors"], TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Weights_of_another_model_are_refused()
    {
        place.Write("m.bmir", (await Cli.Run("inspect", "--ir", Workplace.BiMamba)).Output);
        await place.Fails(ExitCode.Malformed, "BIM2202", [":2:10: ", "@embedding.weight"], "opt", place["m.bmir"], "--weights", Workplace.Mamba2);
    }

    [Fact]
    public async Task Text_comes_from_a_pipe()
    {
        WriteTiny(1);
        var outcome = (await Child.Shell(place.Path, "$BIMAMBAC inspect --ir tiny.bmir | $BIMAMBAC opt - --weights tiny.bmir --pipeline pack")).Is(ExitCode.Ok);
        Assert.StartsWith("; ran: pack{word=64}\nmodule @tiny level packed", outcome.Output, StringComparison.Ordinal);
        Assert.StartsWith("error BIM0001: stdin:1:1: expected 'module', found ", (await Child.Shell(place.Path, "echo what | $BIMAMBAC opt -")).Is(ExitCode.Malformed).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_printed_stage_finds_its_weights_again_in_the_model()
    {
        var folded = (await Cli.Run("opt", Workplace.BiMamba, "--pipeline", "fold-fbi")).Is(ExitCode.Ok).Output;
        Assert.StartsWith("; ran: fold-fbi{fidelity=latent}\n", folded, StringComparison.Ordinal);
        place.Write("folded.bmir", folded);
        var packed = (await Cli.Run("opt", place["folded.bmir"], "--weights", Workplace.BiMamba, "--pipeline", "pack")).Is(ExitCode.Ok).Output;
        Assert.Equal((await Cli.Run("opt", Workplace.BiMamba, "--pipeline", "fold-fbi | pack")).Is(ExitCode.Ok).Output, packed);
        Assert.Equal(folded, (await Cli.Run("opt", place["folded.bmir"])).Is(ExitCode.Ok).Output);
    }

    [Fact]
    public async Task Weights_go_with_text_only() =>
        await place.Fails(ExitCode.Usage, "BIM7002", ["--weights"], "opt", Workplace.BiMamba, "--weights", Workplace.Mamba2);

    /// <inheritdoc/>
    public void Dispose() => place.Dispose();

    private string WriteTiny(float value)
    {
        var bag = new DiagnosticBag();
        float[] values = [1, 2, value, 4, 5, 6];
        Tensor tensor = new MemoryTensor(System.Runtime.InteropServices.MemoryMarshal.AsBytes(values.AsSpan()).ToArray(), ElementType.F32, Shape.Of(3, 2));
        Assert.True(SafetensorsWriter.Write(place["tiny.safetensors"], [new("head.weight", tensor), new("w", new MemoryTensor(new byte[24], ElementType.F32, Shape.Of(3, 2)))], null, false, bag, CancellationToken.None));
        return place.Write("tiny.bmir", Tiny);
    }
}
