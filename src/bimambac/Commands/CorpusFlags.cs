using System.CommandLine;
using BiMamba.Evaluation;
using BiMamba.Toolchain.Models;

namespace BiMamba.CommandLine.Commands;

/// <summary>The options that say which text is evaluated, and by which protocol.</summary>
internal sealed class CorpusFlags
{
    /// <summary>--text.</summary>
    public Option<string> Text { get; } = CommonOptions.InputFile(new Option<string>("--text") { Description = "A text, documents (.jsonl), or token ids (.npy, .bin, .ids, .json).", Required = true, HelpName = "FILE" });

    /// <summary>--protocol.</summary>
    public Option<string> Protocol { get; } = CommonOptions.Words("--protocol", "How windows are cut and scored.", [.. Evaluation.Protocol.All.Select(row => row.Name)]);

    /// <summary>--join.</summary>
    public Option<string> Join { get; } = CommonOptions.Words("--join", "How the rows of the text are joined before it is tokenized, as papers do for a corpus.", [.. JoinRule.All.Select(row => row.Name)]);

    /// <summary>--prefix-token.</summary>
    public Option<int?> PrefixToken { get; } = CommonOptions.Limited("--prefix-token", "Id from which lm-eval predicts the first token of a document (default: the tokenizer's begin or end of text).", 0);

    /// <summary>The protocol that was chosen.</summary>
    public Protocol ProtocolOf(CommandContext context) => Evaluation.Protocol.All.First(row => row.Name == context.Get(Protocol));

    /// <summary>The windows of the text for a model; null where the bag got an error.</summary>
    public WindowPlan? Plan(CommandContext context, LoadedModel model)
    {
        var (protocol, join) = (ProtocolOf(context), JoinRule.All.First(row => row.Name == context.Get(Join)));
        var options = new CorpusOptions(protocol.IsByDocument, context.Get(PrefixToken)) { Join = join };
        var rows = model.Module.VocabularyRows;
        if (CorpusReader.Read(context.Get(Text), model.Tokenizer, rows, options, context.Diagnostics) is not { } corpus)
            return null;
        if (options.Prefix is { } prefix && !CorpusReader.CheckIds([prefix], rows, "--prefix-token", context.Diagnostics))
            return null;
        return WindowPlanner.Create(protocol, corpus, context.Get(context.Common.Context) ?? protocol.DefaultContext, context.Get(context.Common.MaxWindows) ?? join.MaxWindows, context.Diagnostics);
    }
}
