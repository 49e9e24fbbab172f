using System.CommandLine;
using BiMamba.Evaluation;
using BiMamba.Toolchain;

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

    /// <summary>What the command line says of an evaluation, for a command with all options that this takes.</summary>
    /// <param name="context">The command.</param>
    /// <param name="batch">Windows side by side, or null.</param>
    public EvaluateOptions Options(CommandContext context, int? batch)
    {
        var runtime = context.Common.Runtime(context.Result);
        return new EvaluateOptions
        {
            Protocol = ProtocolOf(context),
            Join = JoinRule.All.First(row => row.Name == context.Get(Join)),
            PrefixToken = context.Get(PrefixToken),
            Context = context.Get(context.Common.Context),
            MaxWindows = context.Get(context.Common.MaxWindows),
            Batch = batch,
            Engine = runtime.Engine,
            State = runtime.StateType,
            Threads = runtime.Threads,
        };
    }
}
