using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Evaluation.StateAudit;
using BiMamba.Runtime;
using BiMamba.Tokenizers;

namespace BiMamba.Evaluation.Tests;

/// <summary>Two models side by side along one sequence: errors of states, memory, predictions by position.</summary>
public sealed class StateAuditTests
{
    private const int Tokens = 100;

    private static readonly int[] Ids = Drawn(Tokens);

    public static TheoryData<bool> Kinds => [false, true];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_model_is_equal_to_itself(bool isMamba1)
    {
        var model = new ToyScans { IsMamba1 = isMamba1 };
        var result = Run(model, model);
        Assert.Equal([1, 2, 4, 8, 16, 32, 64, 100], result.Positions);
        Assert.Equal(["layers.0", "layers.1", "layers.2"], result.Layers.Select(layer => layer.Block));
        Assert.All(result.Layers, layer =>
        {
            Assert.Equal(!isMamba1, layer.HasHeads);
            Assert.Equal(isMamba1 ? 1 : ToyScans.Heads, layer.Heads.Count);
            Assert.Equal(isMamba1 ? ToyScans.Heads * ToyScans.HeadDim : ToyScans.HeadDim, layer.Channels);
            Assert.All(layer.Heads, head => Assert.All(head.Errors, error => Assert.Equal(0, error)));
            Assert.All(layer.Heads, head => Assert.Equal(1, head.MemoryRatio));
            Assert.All(layer.Heads, head => Assert.Equal(head.ReferenceMemory, head.OtherMemory));
        });
        Assert.All(result.Buckets, bucket => Assert.Equal((0, 1, bucket.ReferenceNll), (bucket.Kl, bucket.TopAgreement, bucket.OtherNll)));
        Assert.Equal((0, 1), (result.Kl, result.TopAgreement));
    }

    [Theory]
    [InlineData(false, 0)]
    [InlineData(false, 1)]
    [InlineData(false, 2)]
    [InlineData(true, 1)]
    public void A_layer_that_is_scaled_has_the_error_and_those_behind_it(bool isMamba1, int layer)
    {
        var model = new ToyScans { IsMamba1 = isMamba1 };
        var result = Run(model, model with { ScaledLayer = layer });
        for (var i = 0; i < ToyScans.Layers; i++)
        {
            var errors = result.Layers[i].Heads.SelectMany(head => head.Errors);
            if (i < layer)
                Assert.All(errors, error => Assert.Equal(0, error));
            else
                Assert.All(errors, error => Assert.InRange(error, 1e-6, 10));
        }

        Assert.True(result.Kl > 0);
        Assert.NotEqual(result.ReferenceNll, result.OtherNll);
        var worst = result.Errors(result.Positions.Count - 1);
        Assert.Equal(result.Layers.SelectMany(item => item.Heads).Max(head => head.Errors[^1]), worst.Worst);
        Assert.Equal(worst.Worst, result.Layers[worst.WorstLayer].Heads[worst.WorstHead].Errors[^1]);
        Assert.Equal(worst.Worst, result.Layers[worst.WorstLayer].WorstError(result.Positions.Count - 1).Error);
    }

    /// <summary>The first token makes the state dt B x, so a state that has B and x twice as large and dt the same is off by 3 times its norm.</summary>
    [Fact]
    public void The_error_is_that_of_the_formula()
    {
        // A step that is cut at both ends does not depend on the weights.
        var model = new ToyScans { DtMin = 0.5, DtMax = 0.5 };
        var result = Run(model, model with { ScaledLayer = 0, Factor = 2 });
        Assert.All(result.Layers[0].Heads, head => Assert.All(head.Errors, error => Assert.Equal(3, error, 1e-6)));
    }

    [Fact]
    public void The_memory_of_a_head_is_that_of_the_formula()
    {
        var model = new ToyScans { DtMin = 0.55, DtMax = 0.85 };
        var result = Run(model, model with { Rate = MathF.Log(2) });
        var cut = 0;
        for (var head = 0; head < ToyScans.Heads; head++)
        {
            var steps = Ids.Select(id => Step(model, head, id)).ToArray();
            cut += steps.Count(step => step is < 0.55 or > 0.85);
            var mean = steps.Average(step => Math.Clamp(step, 0.55, 0.85)) * Math.Exp(model.RateLogs[head]);
            Assert.Equal(1 / mean, result.Layers[0].Heads[head].ReferenceMemory, 1e-5);
            Assert.Equal(0.5, result.Layers[0].Heads[head].MemoryRatio, 1e-5);
        }

        Assert.InRange(cut, 1, (2 * Tokens) - 1);
    }

    [Fact]
    public void The_memory_without_heads_is_over_all_channels_and_state_dimensions()
    {
        var model = new ToyScans { IsMamba1 = true };
        var channels = Enumerable.Range(0, ToyScans.Heads * ToyScans.HeadDim);
        var mean = channels.Average(channel => Ids.Average(id => Step(model, channel, id)) * Enumerable.Range(0, model.StateSize).Average(n => Math.Exp(model.RateLogs[(channel * model.StateSize) + n])));
        Assert.Equal(1 / mean, Assert.Single(Run(model, model).Layers[0].Heads).ReferenceMemory, 1e-5);
    }

    [Theory]
    [InlineData(false, 1, 1)]
    [InlineData(false, 7, 2)]
    [InlineData(false, 192, 1)]
    [InlineData(true, 1, 2)]
    [InlineData(true, 7, 1)]
    [InlineData(true, 192, 2)]
    public void Chunks_and_threads_change_nothing(bool isMamba1, int chunk, int threads)
    {
        var model = new ToyScans { IsMamba1 = isMamba1 };
        var other = model with { ScaledLayer = 1 };
        var (expected, found) = (Run(model, other), Run(model, other, chunk, threads));
        Assert.Equal(expected.Buckets, found.Buckets);
        foreach (var (left, right) in expected.Layers.Zip(found.Layers))
        {
            Assert.Equal(left.Heads.Select(head => (head.ReferenceMemory, head.OtherMemory)), right.Heads.Select(head => (head.ReferenceMemory, head.OtherMemory)));
            Assert.Equal(left.Heads.SelectMany(head => head.Errors), right.Heads.SelectMany(head => head.Errors));
        }
    }

    [Theory]
    [InlineData(2, new[] { 1 })]
    [InlineData(3, new[] { 1, 1 })]
    [InlineData(64, new[] { 1, 2, 4, 8, 16, 32 })]
    [InlineData(65, new[] { 1, 2, 4, 8, 16, 32, 1 })]
    public void Buckets_hold_every_token_but_the_last(int tokens, int[] sizes)
    {
        var model = new ToyScans();
        var result = Run(model, model with { ScaledLayer = 0 }, tokens: tokens);
        Assert.Equal(sizes.Select(size => (long)size), result.Buckets.Select(bucket => bucket.Tokens));
        Assert.Equal(tokens - 1, result.Tokens);
        Assert.Equal(1, result.Buckets[0].First);
        Assert.Equal(tokens, result.Buckets[^1].End);
        Assert.Equal(result.Buckets.Skip(1).Select(bucket => bucket.First), result.Buckets.SkipLast(1).Select(bucket => bucket.End));
        Assert.Equal(tokens, result.Positions[^1]);
    }

    [Fact]
    public void Likelihoods_and_divergences_are_those_of_the_evaluators()
    {
        var (model, other) = (new ToyScans(), new ToyScans { ScaledLayer = 1 });
        var result = Run(model, other);
        var plan = Plan(Tokens);
        var alone = new KlEvaluator(new ReferenceLogits(model.Runner(), plan)).Run(other.Runner(), new DiagnosticBag(), null, TestContext.Current.CancellationToken)!;
        Assert.Equal(alone.Reference.Nll, result.ReferenceNll, 1e-12);
        Assert.Equal(alone.Other.Nll, result.OtherNll, 1e-12);

        // The divergence of an evaluator has the last token too.
        Assert.InRange(Math.Abs((alone.Mean * Tokens) - (result.Kl * (Tokens - 1))), 0, 0.1);
        var first = Run(model, other, tokens: 2);
        Assert.Equal(result.Buckets[0], Assert.Single(first.Buckets));
    }

    [Fact]
    public void Progress_ends_with_the_last_token()
    {
        var seen = new List<StateAuditProgress>();
        var (model, bag) = (new ToyScans(), new DiagnosticBag());
        var result = new StateAuditor(model.Runner(), (model with { ScaledLayer = 0 }).Runner(), Plan(Tokens)).Run(bag, new Listener(seen), TestContext.Current.CancellationToken)!;
        Assert.Equal((Tokens, Tokens), (seen[^1].Tokens, seen[^1].Total));
        Assert.Equal(result.Kl, seen[^1].Kl, 1e-12);
    }

    [Fact]
    public void Logits_that_are_not_finite_are_reported()
    {
        var (model, bag) = (new ToyScans(), new DiagnosticBag());
        Assert.Null(new StateAuditor(model.Runner(), (model with { ScaledLayer = 1, Factor = float.NaN }).Runner(), Plan(8)).Run(bag, null, TestContext.Current.CancellationToken));
        Assert.Same(PipelineDiagnostics.NotFinite, Assert.Single(bag.Items).Descriptor);
    }

    [Fact]
    public void Shapes_must_be_equal()
    {
        var model = new ToyScans();
        Assert.Null(Difference(model.Runner(), (model with { ScaledLayer = 1 }).Runner()));
        Assert.Equal("expected a state of 2 heads of 3 x 4 in layers.0 as in the reference, found 2 heads of 5 x 4", Difference(model.Runner(), (model with { StateSize = 5 }).Runner()));
        Assert.Equal("expected a state of 2 heads of 3 x 4 in layers.0 as in the reference, found 3 x 8", Difference(model.Runner(), (model with { IsMamba1 = true }).Runner()));
        var (six, three) = (Toy(6), Toy(3));
        Assert.Equal("expected 6 vocabulary rows as in the reference, found 3", Difference(model.Runner(), three));
        Assert.Equal("expected as many scans as in the reference, 3, found 0", Difference(model.Runner(), six));
        Assert.Equal("expected models with scans, found none", Difference(six, six));
    }

    [Fact]
    public void Tokenizers_must_be_equal_where_both_models_have_one()
    {
        var bag = new DiagnosticBag();
        var other = Tokenizer.FromSource(
            """{"version": "1.0", "added_tokens": [], "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false, "use_regex": true}, "decoder": {"type": "ByteLevel"}, "model": {"type": "BPE", "vocab": {"a": 0}, "merges": []}}"""u8.ToArray(),
            "tokenizer.json", bag);
        Assert.True(other is not null, string.Join('\n', bag.Items));
        bag = new DiagnosticBag();
        Assert.True(ComparableModels.CheckTokenizers(new BytesTokenizer(), new BytesTokenizer(), "model", bag));
        Assert.True(ComparableModels.CheckTokenizers(null, other, "model", bag));
        Assert.True(ComparableModels.CheckTokenizers(other, null, "model", bag));
        Assert.Empty(bag.Items);
        Assert.False(ComparableModels.CheckTokenizers(new BytesTokenizer(), other, "model", bag));
        var item = Assert.Single(bag.Items);
        Assert.Same(RuntimeDiagnostics.TokenizersDiffer, item.Descriptor);
        Assert.Contains("bytes", item.Message, StringComparison.Ordinal);
    }

    /// <summary>The runner's scans name their blocks and values, and their states are where the kernels leave them.</summary>
    [Fact]
    public void States_are_seen_where_they_stand()
    {
        var runner = new ToyScans().Runner();
        Assert.Equal(new ScanSlot("layers.1", "y", ToyScans.Heads, 3, ToyScans.HeadDim), runner.Scans[1]);
        Assert.Equal((2, 12), (runner.Scans[1].Parts, runner.Scans[1].PartLength));
        var state = runner.NewState();
        Assert.True(state.Scan(1).IndexOfAnyExcept(0f) < 0);
        runner.Run(state, Ids, null, cancellation: TestContext.Current.CancellationToken);
        Assert.Equal(24, state.Scan(1).Length);
        Assert.False(state.Scan(1).Contains(0f));
        var halved = new ToyScans().Runner(state: StateType.BF16);
        Assert.Throws<InvalidOperationException>(() => halved.NewState().Scan(0).Length);
    }

    private static ModelRunner Toy(int vocabulary) => new ToyModel { Table = [.. Enumerable.Range(0, vocabulary).Select(_ => new float[vocabulary])] }.Runner();

    private static string? Difference(ModelRunner left, ModelRunner right)
    {
        var bag = new DiagnosticBag();
        if (ComparableModels.CheckShapes(left, right, "model", bag))
            return null;
        var item = Assert.Single(bag.Items);
        Assert.Same(RuntimeDiagnostics.ShapesDiffer, item.Descriptor);
        return item.Message;
    }

    /// <summary>softplus(raw + bias) of a token in the first layer, in fp64.</summary>
    private static double Step(ToyScans model, int index, int id) =>
        Math.Log(1 + Math.Exp((double)model.RawSteps[(index * ToyScans.Vocabulary) + id] + model.Bias[index]));

    private static StateAuditResult Run(ToyScans reference, ToyScans other, int chunk = 16, int threads = 1, int tokens = Tokens)
    {
        var bag = new DiagnosticBag();
        var result = new StateAuditor(reference.Runner(chunk, threads), other.Runner(chunk, threads), Plan(tokens)).Run(bag, null, TestContext.Current.CancellationToken);
        Assert.True(result is not null, string.Join('\n', bag.Items));
        return result;
    }

    private static WindowPlan Plan(int tokens) => Corpora.Plan(tokens, Ids);

    private static int[] Drawn(int count)
    {
        var random = new Random(5);
        return [.. Enumerable.Range(0, count).Select(_ => random.Next(ToyScans.Vocabulary))];
    }

    private sealed class Listener(List<StateAuditProgress> seen) : IProgress<StateAuditProgress>
    {
        public void Report(StateAuditProgress value) => seen.Add(value);
    }
}
