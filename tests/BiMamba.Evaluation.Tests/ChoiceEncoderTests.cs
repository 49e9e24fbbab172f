using System.Text;
using System.Text.Json.Nodes;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Evaluation.Tasks;
using BiMamba.Tokenizers;

namespace BiMamba.Evaluation.Tests;

/// <summary>Tokens of contexts and continuations, as the harness makes them.</summary>
public sealed class ChoiceEncoderTests
{
    private const int Begin = 300;
    private const int Space = ' ';

    /// <summary>Joins of the sample: "ab" is 256, " a" is 257.</summary>
    private const int Ab = 256;
    private const int SpaceA = 257;

    [Fact]
    public void The_continuation_is_what_the_whole_has_behind_the_context()
    {
        Same(Bpe(begins: false), "x", " a", [(int)'x', SpaceA], 1);
        // Together they are "x", "ab"; the context alone has two tokens, so none is left but what comes behind.
        Same(Bpe(begins: false), "xa", "by", ['x', Ab, 'y'], 1);
        Same(new BytesTokenizer(), "x", " a", ['x', Space, 'a'], 2);
    }

    [Theory]
    [InlineData("x ")]
    [InlineData("x\n")]
    [InlineData("x \u2003")]
    public void Space_at_the_end_of_a_context_moves(string context)
    {
        var bytes = Encoding.UTF8.GetBytes(context + "a");
        Same(new BytesTokenizer(), context, "a", [.. bytes.Select(b => (int)b)], bytes.Length - 1);
    }

    [Fact]
    public void Special_tokens_are_those_of_the_tokenizer_unless_they_are_not_wanted()
    {
        Same(Bpe(begins: true), "x", " a", [Begin, 'x', SpaceA], 1);
        Same(Bpe(begins: true), "x", " a", ['x', SpaceA], 1, new TaskOptions(AddsSpecialTokens: false));
    }

    [Theory]
    [InlineData("", " a")]
    [InlineData(" ", "a")]
    public void An_empty_context_becomes_the_prefix_token(string context, string continuation)
    {
        // The name of the added token is that of the end of a text, which serves where no token begins one.
        Same(Bpe(begins: false), context, continuation, [Begin, SpaceA], 1);
        Same(Bpe(begins: true), context, continuation, [Begin, SpaceA], 1);
        Same(Bpe(begins: true), "", "<|endoftext|>a", [Begin, 'a'], 1);
    }

    [Fact]
    public void Without_prefix_token_an_empty_context_is_refused() =>
        Assert.Contains("the tokenizer has no token that begins or ends a text", Reason(new BytesTokenizer(), "", " a", new TaskOptions()), StringComparison.Ordinal);

    [Fact]
    public void A_choice_without_tokens_is_refused() =>
        Assert.Contains("expected a choice that adds tokens to its context, found none", Reason(Bpe(begins: false), "xa", "b", new TaskOptions()), StringComparison.Ordinal);

    [Fact]
    public void A_long_context_loses_its_beginning()
    {
        // The model reads all but the last token: 3 read tokens are 4 in all.
        Same(new BytesTokenizer(), "abcdef", "gh", ['e', 'f', 'g', 'h'], 2, new TaskOptions(3), isTruncated: true);
        Same(new BytesTokenizer(), "ef", "gh", ['e', 'f', 'g', 'h'], 2, new TaskOptions(3));
        Same(new BytesTokenizer(), "abcdef", "gh", ['f', 'g', 'h'], 2, new TaskOptions(2), isTruncated: true);
        Same(new BytesTokenizer(), "ab", "c", ['a', 'b', 'c'], 1, new TaskOptions(int.MaxValue));
        Assert.Equal("expected a choice of at most 1 tokens, found 2", Reason(new BytesTokenizer(), "abcdef", "gh", new TaskOptions(1)));
    }

    [Fact]
    public void A_task_counts_its_tokens_and_the_questions_that_were_cut()
    {
        var data = TaskLines.Good("openbookqa", """
            {"question_stem": "abcd", "choices": {"text": ["e", "fgh"], "label": ["A", "B"]}, "answerKey": "A"}
            {"question_stem": "ab", "choices": {"text": ["e", "f"], "label": ["A", "B"]}, "answerKey": "A"}
            """);
        var task = TokenizedTask.Create(data, new BytesTokenizer(), 256, new TaskOptions(5), new DiagnosticBag(), TestContext.Current.CancellationToken)!;
        Assert.Equal(1, task.Truncated);
        Assert.Equal(6 + 6 + 4 + 4, task.Tokens);
        Assert.Equal([false, true], task.Choices[0].Select(choice => choice.IsTruncated));
    }

    [Fact]
    public void A_question_that_cannot_be_scored_is_reported_with_its_line()
    {
        var data = TaskLines.Good("openbookqa", "\n" + """{"question_stem": "", "choices": {"text": ["e", "f"], "label": ["A", "B"]}, "answerKey": "A"}""");
        var bag = new DiagnosticBag();
        Assert.Null(TokenizedTask.Create(data, new BytesTokenizer(), 256, new TaskOptions(), bag, TestContext.Current.CancellationToken));
        var error = Assert.Single(bag.Items);
        Assert.Same(RuntimeDiagnostics.TaskData, error.Descriptor);
        Assert.Equal(2, error.Place.Line);
        Assert.EndsWith(", in choice 1", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Ids_outside_the_vocabulary_are_reported_with_their_line()
    {
        var data = TaskLines.Good("openbookqa", """{"question_stem": "a", "choices": {"text": ["\u00e9", "f"], "label": ["A", "B"]}, "answerKey": "A"}""");
        var bag = new DiagnosticBag();
        Assert.Null(TokenizedTask.Create(data, new BytesTokenizer(), 128, new TaskOptions(), bag, TestContext.Current.CancellationToken));
        var error = Assert.Single(bag.Items);
        Assert.Same(RuntimeDiagnostics.IdOutsideVocabulary, error.Descriptor);
        Assert.StartsWith("error BIM5001: data.jsonl:1:1: id 195 at position 2", error.ToString(), StringComparison.Ordinal);
    }

    private static void Same(Tokenizer tokenizer, string context, string continuation, int[] ids, int scored, TaskOptions? options = null, bool isTruncated = false)
    {
        var tokens = new ChoiceEncoder(tokenizer, options ?? new TaskOptions()).Encode(new TaskChoice(context, continuation, 1), out _);
        Assert.NotNull(tokens);
        Assert.Equal(ids, tokens.Ids);
        Assert.Equal(scored, tokens.Scored);
        Assert.Equal(isTruncated, tokens.IsTruncated);
    }

    private static string Reason(Tokenizer tokenizer, string context, string continuation, TaskOptions options)
    {
        Assert.Null(new ChoiceEncoder(tokenizer, options).Encode(new TaskChoice(context, continuation, 1), out var reason));
        return reason;
    }

    /// <summary>All bytes, two joins, and a token that begins a text where it is asked for.</summary>
    private static BpeTokenizer Bpe(bool begins)
    {
        var vocab = new JsonObject();
        var next = 0x100;
        for (var b = 0; b < 256; b++)
            vocab.Add(((char)((b >= '!' && b <= '~') || (b >= 0xA1 && b <= 0xAC) || b >= 0xAE ? b : next++)).ToString(), b);
        vocab.Add("ab", Ab);
        vocab.Add("Ġa", SpaceA);
        var json = new JsonObject
        {
            ["added_tokens"] = new JsonArray(new JsonObject { ["id"] = Begin, ["content"] = "<|endoftext|>", ["special"] = true }),
            ["normalizer"] = null,
            ["pre_tokenizer"] = new JsonObject { ["type"] = "ByteLevel", ["add_prefix_space"] = false, ["use_regex"] = true },
            ["post_processor"] = begins
                ? JsonNode.Parse("""
                    { "type": "TemplateProcessing",
                      "single": [ { "SpecialToken": { "id": "<|endoftext|>", "type_id": 0 } }, { "Sequence": { "id": "A", "type_id": 0 } } ],
                      "special_tokens": { "<|endoftext|>": { "id": "<|endoftext|>", "ids": [300], "tokens": ["<|endoftext|>"] } } }
                    """)
                : null,
            ["decoder"] = new JsonObject { ["type"] = "ByteLevel" },
            ["model"] = new JsonObject { ["type"] = "BPE", ["vocab"] = vocab, ["merges"] = new JsonArray("a b", "Ġ a") },
        };
        var bag = new DiagnosticBag();
        var tokenizer = TokenizerJson.Parse(Encoding.UTF8.GetBytes(json.ToJsonString()), "t.json", bag);
        Assert.True(tokenizer is not null, string.Join('\n', bag.Items));
        return tokenizer;
    }
}
