using System.Text.Json;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;

namespace BiMamba.Toolchain.Tests;

/// <summary>Generation: what the command gives, piece by piece.</summary>
public sealed class GenerateTests : IDisposable
{
    private static readonly GenerateOptions Sampled = new() { MaxTokens = 48, Temperature = 0.8, Seed = 1 };

    private readonly Model model = Model.Load(Samples.BiMamba);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(0, null, 0)]
    [InlineData(0.8, 20, 7)]
    public async Task Pieces_are_the_ids_and_the_text_of_the_command(double temperature, int? topK, int seed)
    {
        List<string> arguments = ["generate", Samples.BiMamba, "--prompt", "It was a", "--max-tokens", "24", "--temperature", FormattableString.Invariant($"{temperature}"), "--seed", FormattableString.Invariant($"{seed}"), "--json"];
        if (topK is not null)
            arguments.AddRange(["--top-k", FormattableString.Invariant($"{topK}")]);
        using var json = JsonDocument.Parse(await Samples.Command([.. arguments]));
        var pieces = await Collect(model.GenerateAsync("It was a", new GenerateOptions { MaxTokens = 24, Temperature = temperature, TopK = topK, Seed = seed }, Token));
        Assert.Equal(json.RootElement.GetProperty("ids").EnumerateArray().Select(id => (int?)id.GetInt32()), pieces.Select(piece => piece.Id));
        Assert.Equal(json.RootElement.GetProperty("text").GetString(), string.Concat(pieces.Select(piece => piece.Text)));
    }

    [Fact]
    public async Task Pieces_hold_whole_characters()
    {
        // So hot, bytes are drawn of which few are ASCII.
        var pieces = await Collect(model.GenerateAsync("It", new GenerateOptions { MaxTokens = 200, Temperature = 100, Seed = 3 }, Token));
        int[] ids = [.. pieces.Select(piece => piece.Id).OfType<int>()];
        Assert.Equal(200, ids.Length);
        Assert.Contains(pieces, piece => piece.Text.Length == 0);
        Assert.All(pieces, piece => Assert.Equal(piece.Text, new string([.. piece.Text.EnumerateRunes().SelectMany(rune => rune.ToString())])));
        Assert.Equal(model.Tokenizer!.Decode(ids), string.Concat(pieces.Select(piece => piece.Text)));
        Assert.All(pieces.SkipLast(1), piece => Assert.NotNull(piece.Id));
    }

    [Fact]
    public async Task One_seed_gives_one_text_with_any_number_of_threads_and_from_ids()
    {
        var expected = await Collect(model.GenerateAsync("It was a dark", Sampled with { Threads = 1 }, Token));
        int[] ids = model.Tokenizer!.Encode("It was a dark", addSpecialTokens: true);
        Assert.Equal(expected, await Collect(model.GenerateAsync("It was a dark", Sampled with { Threads = 3 }, Token)));
        Assert.Equal(expected, await Collect(model.GenerateAsync(ids, Sampled, Token)));
        Assert.NotEqual(expected, await Collect(model.GenerateAsync(ids, Sampled with { Seed = 2 }, Token)));
        Assert.Equal(expected.Take(5), await Collect(model.GenerateAsync(ids, Sampled with { MaxTokens = 5 }, Token)));
        Assert.Empty(await Collect(model.GenerateAsync(ids, Sampled with { MaxTokens = 0 }, Token)));
    }

    [Fact]
    public async Task Several_texts_are_generated_at_a_time()
    {
        var alone = await Collect(model.GenerateAsync("It was", Sampled, Token));
        var together = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Collect(model.GenerateAsync("It was", Sampled, Token))));
        Assert.All(together, pieces => Assert.Equal(alone, pieces));
    }

    [Fact]
    public async Task Cancelling_ends_the_text_where_it_is()
    {
        using var source = new CancellationTokenSource();
        var pieces = new List<TextPiece>();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var piece in model.GenerateAsync("It was", Sampled, Token).WithCancellation(source.Token))
            {
                pieces.Add(piece);
                if (pieces.Count == 3)
                    await source.CancelAsync();
            }
        });
        Assert.Equal((await Collect(model.GenerateAsync("It was", Sampled, Token))).Take(3), pieces);
    }

    [Fact]
    public async Task A_prompt_without_tokens_is_an_error_of_both_forms()
    {
        var exception = await Assert.ThrowsAsync<ModelException>(() => Collect(model.GenerateAsync("", null, Token)));
        var bag = new DiagnosticBag();
        Assert.Empty(await Collect(model.TryGenerateAsync("", null, bag, Token)));
        Assert.Equal(CommandDiagnostics.Usage, Assert.Single(bag.Items).Descriptor);
        Assert.Equal(bag.Items, exception.Diagnostics);
        Assert.Empty(await Collect(model.TryGenerateAsync([256], null, bag, Token)));
        Assert.Equal(RuntimeDiagnostics.IdOutsideVocabulary, bag.Items[^1].Descriptor);
    }

    /// <inheritdoc/>
    public void Dispose() => model.Dispose();

    private static async Task<List<TextPiece>> Collect(IAsyncEnumerable<TextPiece> pieces)
    {
        var all = new List<TextPiece>();
        await foreach (var piece in pieces)
            all.Add(piece);
        return all;
    }
}
