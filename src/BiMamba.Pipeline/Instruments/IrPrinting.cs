using System.Collections.Immutable;
using BiMamba.IR;

namespace BiMamba.Pipeline.Instruments;

/// <summary>Before or after which stages a module is printed.</summary>
/// <param name="All">True for every stage.</param>
/// <param name="Passes">Names of passes.</param>
public sealed record PrintSelection(bool All, ImmutableArray<string> Passes)
{
    /// <summary>No stage.</summary>
    public static PrintSelection None { get; } = new(false, []);

    /// <summary>True where the stage of a pass is selected.</summary>
    public bool Has(string pass) => All || Passes.Contains(pass);
}

/// <summary>
/// Prints the module before and after stages, under a comment that names the stage. The text shows hashes of weights,
/// so that a changed weight is seen.
/// </summary>
/// <param name="writer">Receives the text.</param>
/// <param name="before">Stages before which it prints.</param>
/// <param name="after">Stages after which it prints.</param>
/// <param name="onlyChanges">True to print after a stage only where the text differs from the one before it.</param>
public sealed class IrPrinting(TextWriter writer, PrintSelection before, PrintSelection after, bool onlyChanges) : PassInstrument
{
    /// <inheritdoc/>
    public override void BeforeStage(StageRun run)
    {
        if (before.Has(run.Name))
            Write("before", run, IrPrinter.Print(run.Module));
    }

    /// <inheritdoc/>
    public override void AfterStage(StageRun run, Module result, StageTime elapsed)
    {
        if (!after.Has(run.Name))
            return;
        var text = IrPrinter.Print(result);
        if (onlyChanges && text == IrPrinter.Print(run.Module))
            writer.Write($"; IR after {run.Stage} (stage {run.Index + 1}): no change\n");
        else
            Write("after", run, text);
    }

    private void Write(string when, StageRun run, string text) =>
        writer.Write($"; IR {when} {run.Stage} (stage {run.Index + 1})\n{text}");
}
