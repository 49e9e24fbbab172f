using System.Globalization;
using BiMamba.Diagnostics;
using BiMamba.Evaluation;
using BiMamba.IR;
using BiMamba.Runtime;
using BiMamba.Tensors;
using BiMamba.Testing;
using BiMamba.Tokenizers;

namespace BiMamba.Models;

/// <summary>The trained models against the logits, greedy continuations and likelihoods of their PyTorch references.</summary>
public class TrainedModelTests(ITestOutputHelper output)
{
    public static TheoryData<string> All => ["tiny-mamba2-hf", "tiny-bimamba-official", "small-mamba2", "small-bimamba"];

    public static TheoryData<string> Binarized => ["tiny-bimamba-official", "small-bimamba"];

    [Theory]
    [MemberData(nameof(All))]
    public void Logits_and_greedy_ids_agree(string folder)
    {
        using var model = Models.Import(Models.Checkpoint(folder));
        using var reference = Models.Reference(folder);
        var expected = reference.Tensors["logits"].Tensor;
        var ids = Models.Ids(reference, "input_ids").AsSpan(0, (int)expected.Shape[0]);
        var difference = Models.MaxDifference(expected.ToSingles(), Models.Logits(model.Module, ids));
        output.WriteLine($"{folder}: largest difference {difference:E2}");
        Assert.InRange(difference, 0, 2e-4);

        var greedy = Models.Ids(reference, "greedy_ids");
        Assert.Equal(greedy, Continue(model.Module, greedy.AsSpan(0, 64), greedy.Length - 64));
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Window_likelihoods_agree(string folder)
    {
        using var model = Models.Import(Models.Checkpoint(folder));
        CheckWindows(model.Module, folder);
    }

    [Theory]
    [MemberData(nameof(Binarized))]
    public void Folded_packed_and_mapped_models_agree_with_the_unfolded_level(string folder)
    {
        using var model = Models.Import(Models.Checkpoint(folder));
        using var reference = Models.Reference(folder);
        using var temporary = new TemporaryFolder();
        var ids = Models.Ids(reference, "input_ids");
        var expected = Models.Logits(model.Module, ids);
        foreach (var pipeline in (string[])["fold-fbi", "fold-fbi | pack", "pack"])
        {
            var rewritten = Models.Apply(model.Module, pipeline);
            var actual = Models.Logits(rewritten, ids);
            var difference = Models.MaxDifference(expected, actual);
            output.WriteLine($"{folder} {pipeline}: largest difference {difference:E2}");
            Assert.InRange(difference, 0, 2e-4);
            Assert.Equal(actual[..(20 * rewritten.VocabularyRows)], Models.Logits(rewritten, ids.AsSpan(0, 20), chunk: 1));
            if (rewritten.Level != Level.Packed)
                continue;
            using var file = Models.WriteAndMap(rewritten, temporary[$"{pipeline.Length}.bimb"]);
            Assert.Equal(actual, Models.Logits(file.Module, ids));
            Assert.Equal(IrPrinter.Print(rewritten), IrPrinter.Print(file.Module));
            if (pipeline.StartsWith("fold", StringComparison.Ordinal))
                CheckWindows(file.Module, folder);
        }
    }

    [Theory]
    [MemberData(nameof(Binarized))]
    public void Official_fidelity_agrees_with_an_interpreter_of_the_fp16_levels(string folder)
    {
        using var official = Models.Import(Models.Checkpoint(folder), "official-fp16");
        using var latent = Models.Import(Models.Checkpoint(folder));
        using var reference = Models.Reference(folder);
        var ids = Models.Ids(reference, "input_ids");
        var expected = Models.Logits(official.Module, ids);
        var moved = Models.MaxDifference(Models.Logits(latent.Module, ids), expected);
        output.WriteLine($"{folder}: the fp16 levels move logits by {moved:E2}");
        Assert.InRange(moved, 1e-3, 1e-2);
        foreach (var pipeline in (string[])["fold-fbi{fidelity=official-fp16}", "fold-fbi{fidelity=official-fp16} | pack", "pack"])
        {
            var actual = Models.Logits(Models.Apply(pipeline == "pack" ? official.Module : latent.Module, pipeline), ids);
            var difference = Models.MaxDifference(expected, actual);
            output.WriteLine($"{folder} {pipeline}: largest difference {difference:E2}");
            Assert.InRange(difference, 0, 2e-4);
        }
    }

    [Fact]
    public void Quantized_embeddings_cost_little()
    {
        using var model = Models.Import(Models.Checkpoint("tiny-bimamba-official"));
        using var reference = Models.Reference("tiny-bimamba-official");
        using var temporary = new TemporaryFolder();
        var ids = Models.Ids(reference, "input_ids");
        var expected = Models.Logits(model.Module, ids);
        foreach (var (bits, bound) in ((int, double)[])[(16, 2e-4), (8, 0.15), (4, 2.5)])
        {
            var rewritten = Models.Apply(model.Module, $"fold-fbi | quantize-embedding{{bits={bits}}} | pack");
            using var file = Models.WriteAndMap(rewritten, temporary[$"{bits}.bimb"]);
            var difference = Models.MaxDifference(expected, Models.Logits(file.Module, ids));
            output.WriteLine($"{bits} bits: largest difference {difference:E2}");
            Assert.InRange(difference, 0, bound);
        }
    }

    private void CheckWindows(Module module, string folder)
    {
        const double Bound = 1e-3;
        using var reference = Models.Reference(folder);
        var isTiny = Models.IsTiny(folder);
        var expected = reference.Tensors[isTiny ? "window_nll" : "window_nll_1024"].Tensor.ToSingles();
        var bag = new DiagnosticBag();
        Tokenizer? tokenizer = isTiny ? new BytesTokenizer() : TokenizerJson.Load(Repository.RequireShared("tokenizers", "books8k.tokenizer.json"), bag);
        // The first eight windows of bytes lie in the golden excerpt of the same text.
        var text = isTiny ? Repository.Golden("text", "held-64k.txt") : Repository.RequireShared("text", "held.txt");
        var corpus = CorpusReader.Read(text, tokenizer, module.VocabularyRows, bag, TestContext.Current.CancellationToken);
        Assert.True(corpus is not null, string.Join('\n', bag.Items));
        var plan = WindowPlan.Create(corpus, 1024, expected.Length, bag)!;
        var result = Evaluator.Run(new ModelRunner(module, RuntimeOptions.Default), plan, bag, null, TestContext.Current.CancellationToken)!;
        for (var i = 0; i < expected.Length; i++)
            Assert.InRange(Math.Abs(result.WindowNll[i] - expected[i]), 0, Bound);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{folder} at level {module.Level}: largest difference of a window {result.WindowNll.Zip(expected, (a, b) => Math.Abs(a - b)).Max():E2} nats"));
    }

    private static int[] Continue(Module module, ReadOnlySpan<int> prompt, int count)
    {
        var runner = new ModelRunner(module, RuntimeOptions.Default);
        var state = runner.NewState();
        var ids = prompt.ToArray().ToList();
        var logits = runner.RunToLast(state, prompt);
        while (true)
        {
            ids.Add(System.Numerics.Tensors.TensorPrimitives.IndexOfMax(logits));
            if (ids.Count == prompt.Length + count)
                return [.. ids];
            logits = runner.RunToLast(state, [ids[^1]]);
        }
    }
}
