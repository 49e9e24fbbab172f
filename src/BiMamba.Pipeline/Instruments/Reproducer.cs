using System.Text;
using BiMamba.Diagnostics;
using BiMamba.IR;
using BiMamba.Tensors;

namespace BiMamba.Pipeline.Instruments;

/// <summary>
/// Writes a file where a stage fails: the module before the stage as IR text, under comment lines that say what failed,
/// which stages had run (<see cref="Ran"/>) and which were left (<see cref="Remaining"/>).
/// </summary>
/// <remarks>
/// Where the remaining stages need weights, the file is run with the model that the first stage started from: the
/// stages that had run make the weights of the text again.
/// </remarks>
/// <param name="path">The file.</param>
/// <param name="force">True to replace a file.</param>
/// <param name="before">The stages that had made the module of the run, as pipeline text: the file names them first.</param>
public sealed class Reproducer(string path, bool force, string before = "") : PassInstrument
{
    /// <summary>Key of the line with the stages that had run.</summary>
    public const string Ran = "ran";

    /// <summary>Key of the line with the stages that are left; the default pipeline of a text.</summary>
    public const string Remaining = "pipeline";

    /// <summary>True once the file is written.</summary>
    public bool IsWritten { get; private set; }

    /// <summary>The line that says which stages made a text; empty where there are none.</summary>
    /// <param name="before">Stages that had run before, as pipeline text.</param>
    /// <param name="stages">Stages that ran behind them.</param>
    public static string RanLine(string before, IEnumerable<Stage> stages)
    {
        var ran = string.Join(" | ", stages.Select(stage => stage.ToString()).Prepend(before).Where(part => part.Length > 0));
        return ran.Length > 0 ? $"; {Ran}: {ran}\n" : "";
    }

    /// <inheritdoc/>
    public override void OnFailure(StageRun run, DiagnosticBag diagnostics)
    {
        using var file = AtomicFile.Create(path, force, diagnostics);
        if (file is null)
            return;
        try
        {
            file.Stream.Write(System.Text.Encoding.UTF8.GetBytes(Text(run, diagnostics)));
            IsWritten = file.Commit(diagnostics);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            AtomicFile.ReportNotWritable(path, e, diagnostics);
        }
    }

    private string Text(StageRun run, DiagnosticBag diagnostics)
    {
        var stages = run.Pipeline.Stages;
        var text = new StringBuilder();
        text.Append($"; failed: {run.Stage}\n");
        foreach (var error in diagnostics.Items.Where(item => item.Severity == Severity.Error))
            text.Append($"; {error.ToString().Split('\n')[0]}\n");
        text.Append(RanLine(before, stages.Take(run.Index)));
        text.Append($"; {Remaining}: {new PassPipeline([.. stages.Skip(run.Index)])}\n");
        return text.Append(IrPrinter.Print(run.Module)).ToString();
    }
}
