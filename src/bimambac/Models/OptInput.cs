using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Frontend;
using BiMamba.Frontend.Text;
using BiMamba.IR;
using BiMamba.IR.Reading;
using BiMamba.Passes;
using BiMamba.Pipeline;
using BiMamba.Pipeline.Instruments;
using BiMamba.Text;
using BiMamba.Toolchain.Models;

namespace BiMamba.CommandLine.Models;

/// <summary>What <c>opt</c> works on: a module, from a text or a model, with or without weights.</summary>
/// <param name="Module">The module.</param>
/// <param name="Files">Every file that is read.</param>
/// <param name="Model">The model that has the weights, or null.</param>
/// <param name="Ran">The stages that made the module from that model, as pipeline text.</param>
/// <param name="DefaultPipeline">The pipeline that the text names, or an empty one.</param>
/// <param name="Owned">Closes the files.</param>
internal sealed record OptInput(Module Module, IReadOnlyList<string> Files, string? Model, string Ran, SourceText DefaultPipeline, IReadOnlyList<IDisposable> Owned) : IDisposable
{
    private const string StandardInput = "-";

    private static readonly SourceText NoPipeline = new("pipeline", "");

    /// <summary>Opens the input; null where the bag got an error.</summary>
    /// <param name="path">A .bmir file, - for stdin, or a model.</param>
    /// <param name="weights">The model that has the weights of a text, or null.</param>
    /// <param name="options">How a checkpoint is read.</param>
    /// <param name="passes">For the stages that had run before a reproducer was written.</param>
    /// <param name="diagnostics">Receives errors.</param>
    public static OptInput? Open(string path, string? weights, ImportOptions options, PassContext passes, DiagnosticBag diagnostics)
    {
        if (path != StandardInput && !IrFiles.IsIrText(path))
            return OpenModel(path, weights, options, diagnostics);
        if (weights is null && path != StandardInput)
            return IrFiles.Open(path, diagnostics) is { } opened ? OfFile(opened, path) : null;
        var source = path == StandardInput ? ReadStandardInput(diagnostics, passes.Cancellation) : SourceText.Load(path, diagnostics);
        if (source is null || IrParser.Parse(source, diagnostics) is not { } text)
            return null;
        return weights is null
            ? new OptInput(text.Module, [], null, RanOf(source), PipelineOf(source), [])
            : Bind(text, path, weights, options, passes, diagnostics);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var resource in Owned)
            resource.Dispose();
    }

    private static OptInput? OpenModel(string path, string? weights, ImportOptions options, DiagnosticBag diagnostics)
    {
        if (weights is null)
            return ModelLoader.Load(path, options, diagnostics) is { } model ? new OptInput(model.Module, model.Files, path, "", NoPipeline, [model]) : null;
        diagnostics.Add(CommandDiagnostics.Conflict, "--weights goes with IR text, found a model, which has its own", Place.OfFile(path));
        return null;
    }

    /// <summary>The text with the weights of a model, after the stages that had run when the text was written.</summary>
    private static OptInput? Bind(IrText text, string path, string weights, ImportOptions options, PassContext passes, DiagnosticBag diagnostics)
    {
        if (ModelLoader.Load(weights, options, diagnostics) is not { } model)
            return null;
        var module = PassTable.Parse(LineOf(text.Source, Reproducer.Ran), diagnostics) is { } stages && PassManager.CheckLevels(stages, model.Module.Level, PassTable.All, diagnostics) is not null
            ? PassManager.Run(model.Module, stages, passes)
            : null;
        if (module is not null && WeightBinder.Bind(text, declared => module.Resources.GetValueOrDefault(declared.Name), weights, diagnostics) is { } bound)
            return new OptInput(bound, [path, .. model.Files], weights, RanOf(text.Source), PipelineOf(text.Source), [model]);
        model.Dispose();
        return null;
    }

    /// <summary>A text with weights beside it is a model, from which the next stages start; without them it goes on from where it was written.</summary>
    private static OptInput OfFile(IrModule opened, string path) => opened.HasWeights
        ? new OptInput(opened.Module, opened.Files, path, "", PipelineOf(opened.Text.Source), [opened])
        : new OptInput(opened.Module, opened.Files, null, RanOf(opened.Text.Source), PipelineOf(opened.Text.Source), [opened]);

    private static string RanOf(SourceText source) => TextDirectives.Read(source).Find(Reproducer.Ran)?.Value ?? "";

    private static SourceText PipelineOf(SourceText source) => LineOf(source, Reproducer.Remaining);

    /// <summary>The value of a line at the head of a text, at its place there; an empty text where there is no such line.</summary>
    private static SourceText LineOf(SourceText source, string key) =>
        TextDirectives.Read(source).Find(key) is { } line ? source.Value(line) : NoPipeline;

    /// <summary>Reading waits for whoever writes, on a thread of its own: Ctrl+C ends the wait.</summary>
    private static SourceText? ReadStandardInput(DiagnosticBag diagnostics, CancellationToken cancellation)
    {
        try
        {
            return Task.Run(
                () =>
                {
                    using var stream = System.Console.OpenStandardInput();
                    return SourceText.Read("stdin", stream, diagnostics);
                },
                cancellation).WaitAsync(cancellation).GetAwaiter().GetResult();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            diagnostics.Add(InputDiagnostics.Unreadable, $"the text cannot be read: {e.Message}", Place.OfFile("stdin"));
            return null;
        }
    }
}
