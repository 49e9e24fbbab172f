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
    public static TheoryData<string, string> All => new()
    {
        { "tiny-mamba2-hf", "tiny-mamba2" },
        { "tiny-bimamba-official", "tiny-bimamba" },
        { "small-mamba2", "small-mamba2" },
        { "small-bimamba", "small-bimamba" },
    };

    public static TheoryData<string, string> Binarized => new()
    {
        { "tiny-bimamba-official", "tiny-bimamba" },
        { "small-bimamba", "small-bimamba" },
    };

    [Theory]
    [MemberData(nameof(All))]
    public void Logits_and_greedy_ids_agree(string folder, string oracle)
    {
        using var model = Models.Import(Repository.RequireShared("models", folder));
        using var reference = Models.Archive(Repository.RequireShared("oracles", "models", oracle + ".logits.safetensors"));
        var expected = reference.Tensors["logits"].Tensor;
        var ids = Models.Ids(reference, "input_ids").AsSpan(0, (int)expected.Shape[0]);
        var actual = Models.Logits(model.Module, ids);
        var difference = Models.MaxDifference(expected.ToSingles(), actual);
        output.WriteLine($"{folder}: largest difference {difference:E2}");
        Assert.InRange(difference, 0, 2e-4);

        var greedy = Models.Ids(reference, "greedy_ids");
        Assert.Equal(greedy, Continue(model.Module, greedy.AsSpan(0, 64), greedy.Length - 64));
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Window_likelihoods_agree(string folder, string oracle)
    {
        using var model = Models.Import(Repository.RequireShared("models", folder));
        CheckWindows(model.Module, oracle, 1e-3);
    }

    [Theory]
    [MemberData(nameof(Binarized))]
    public void Folded_and_packed_models_agree_with_the_unfolded_level(string folder, string oracle)
    {
        using var model = Models.Import(Repository.RequireShared("models", folder));
        using var reference = Models.Archive(Repository.RequireShared("oracles", "models", oracle + ".logits.safetensors"));
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
        }

        CheckWindows(Models.Apply(model.Module, "fold-fbi | pack"), oracle, 1e-3);
    }

    [Theory]
    [MemberData(nameof(Binarized))]
    public void Official_fidelity_agrees_with_an_interpreter_of_the_fp16_levels(string folder, string oracle)
    {
        using var model = Models.Import(Repository.RequireShared("models", folder), "official-fp16");
        using var latent = Models.Import(Repository.RequireShared("models", folder));
        using var reference = Models.Archive(Repository.RequireShared("oracles", "models", oracle + ".logits.safetensors"));
        var ids = Models.Ids(reference, "input_ids");
        var expected = Models.Logits(model.Module, ids);
        var moved = Models.MaxDifference(Models.Logits(latent.Module, ids), expected);
        output.WriteLine($"{folder}: the fp16 levels move logits by {moved:E2}");
        Assert.InRange(moved, 1e-3, 1e-2);
        foreach (var pipeline in (string[])["fold-fbi{fidelity=official-fp16}", "fold-fbi{fidelity=official-fp16} | pack", "pack"])
        {
            var actual = Models.Logits(Models.Apply(pipeline == "pack" ? model.Module : latent.Module, pipeline), ids);
            var difference = Models.MaxDifference(expected, actual);
            output.WriteLine($"{folder} {pipeline}: largest difference {difference:E2}");
            Assert.InRange(difference, 0, 2e-4);
        }
    }

    private void CheckWindows(Module module, string oracle, double bound)
    {
        using var reference = Models.Archive(Repository.RequireShared("oracles", "models", oracle + ".logits.safetensors"));
        var isTiny = oracle.StartsWith("tiny", StringComparison.Ordinal);
        var expected = reference.Tensors[isTiny ? "window_nll" : "window_nll_1024"].Tensor.ToSingles();
        var bag = new DiagnosticBag();
        Tokenizer? tokenizer = isTiny ? new BytesTokenizer() : TokenizerJson.Load(Repository.RequireShared("tokenizers", "books8k.tokenizer.json"), bag);
        var corpus = CorpusReader.Read(Repository.RequireShared("text", "held.txt"), tokenizer, module.VocabularyRows, bag);
        Assert.True(corpus is not null, string.Join('\n', bag.Items));
        var plan = WindowPlan.Create(corpus, 1024, expected.Length, bag)!;
        var result = Evaluator.Run(new ModelRunner(module, RuntimeOptions.Default), plan, bag, null, TestContext.Current.CancellationToken)!;
        for (var i = 0; i < expected.Length; i++)
            Assert.InRange(Math.Abs(result.WindowNll[i] - expected[i]), 0, bound);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{oracle}: largest difference of a window {result.WindowNll.Zip(expected, (a, b) => Math.Abs(a - b)).Max():E2} nats"));
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
