using System.Numerics.Tensors;
using BiMamba.IR;
using BiMamba.Runtime;
using BiMamba.Testing;

namespace BiMamba.Models;

/// <summary>The fast engine and the reference engine on trained models.</summary>
public class EngineTests(ITestOutputHelper output)
{
    private const int Prompt = 64;
    private const int Generated = 1000;

    /// <summary>Models and how they are stored.</summary>
    public static TheoryData<string, string?> All => new()
    {
        { "tiny-mamba2-hf", null },
        { "tiny-bimamba-official", null },
        { "tiny-bimamba-official", "fold-fbi | pack" },
        { "small-mamba2", null },
        { "small-bimamba", "fold-fbi | pack" },
    };

    [Theory]
    [MemberData(nameof(All))]
    public void Logits_of_both_are_near(string folder, string? pipeline)
    {
        const double Bound = 2e-4;
        using var model = Models.Import(Models.Checkpoint(folder));
        var module = pipeline is null ? model.Module : Models.Apply(model.Module, pipeline);
        var ids = Text(folder, 1024);
        var (expected, actual) = (Logits(module, ids, Engine.Reference), Logits(module, ids, Engine.Fast));
        var difference = Models.MaxDifference(expected, actual);
        output.WriteLine($"{folder} {pipeline}: largest difference {difference:E2}");
        Assert.InRange(difference, 0, Bound);
        // Only packed sign planes are multiplied in another way by the fast engine.
        Assert.Equal(pipeline is null, difference == 0);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Greedy_text_of_both_is_the_same(string folder, string? pipeline)
    {
        using var model = Models.Import(Models.Checkpoint(folder));
        var module = pipeline is null ? model.Module : Models.Apply(model.Module, pipeline);
        var prompt = Text(folder, Prompt);
        Assert.Equal(Continue(module, prompt, Engine.Reference), Continue(module, prompt, Engine.Fast));
    }

    /// <summary>The first tokens of a held-out text: bytes for the tiny models, ids of the shared tokenizer for the small ones.</summary>
    private static int[] Text(string folder, int count)
    {
        if (Models.IsTiny(folder))
            return [.. File.ReadAllBytes(Repository.Golden("text", "held-64k.txt")).Take(count).Select(value => (int)value)];
        var bag = new Diagnostics.DiagnosticBag();
        var tokenizer = Tokenizers.TokenizerJson.Load(Repository.RequireShared("tokenizers", "books8k.tokenizer.json"), bag);
        Assert.True(tokenizer is not null, string.Join('\n', bag.Items));
        var text = File.ReadAllText(Repository.RequireShared("text", "held.txt"))[..(16 * count)];
        return tokenizer.Encode(text, addSpecialTokens: false)[..count];
    }

    private static float[] Logits(Module module, int[] ids, Engine engine)
    {
        var runner = new ModelRunner(module, new RuntimeOptions(2, Engine: engine));
        var logits = new float[ids.Length * runner.VocabularyRows];
        runner.Run(runner.NewState(), ids, (first, rows) => rows.Values[..(rows.Count * rows.Width)].CopyTo(logits.AsSpan(first * rows.Width)), cancellation: TestContext.Current.CancellationToken);
        return logits;
    }

    private static List<int> Continue(Module module, int[] prompt, Engine engine)
    {
        var runner = new ModelRunner(module, new RuntimeOptions(2, Engine: engine));
        var state = runner.NewState();
        var ids = new List<int>();
        for (var next = prompt; ids.Count < Generated; next = [ids[^1]])
            ids.Add(TensorPrimitives.IndexOfMax(runner.RunToLast(state, next, TestContext.Current.CancellationToken)));
        return ids;
    }
}
