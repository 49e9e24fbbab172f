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

namespace BiMamba.CommandLine.Models;

/// <summary>What <c>opt</c> works on: a module, from a text or a model, with or without weights.</summary>
/// <param name="Module">The module.</param>
/// <param name="Files">Every file that is read.</param>
/// <param name="Model">The model that has the weights, or null.</param>
/// <param name="DefaultPipeline">The pipeline that the text names, or an empty one.</param>
/// <param name="Owned">Closes the files.</param>
internal sealed record OptInput(Module Module, IReadOnlyList<string> Files, string? Model, SourceText DefaultPipeline, IReadOnlyList<IDisposable> Owned) : IDisposable
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
            return IrFiles.Open(path, diagnostics) is { } opened ? new OptInput(opened.Module, opened.Files, opened.HasWeights ? path : null, PipelineOf(opened.Text.Source), [opened]) : null;
        var source = path == StandardInput ? ReadStandardInput(diagnostics) : SourceText.Load(path, diagnostics);
        if (source is null || IrParser.Parse(source, diagnostics) is not { } text)
            return null;
        return weights is null
            ? new OptInput(text.Module, [], null, PipelineOf(source), [])
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
            return ModelLoader.Load(path, options, diagnostics) is { } model ? new OptInput(model.Module, model.Files, path, NoPipeline, [model]) : null;
        diagnostics.Add(CommandDiagnostics.Conflict, "--weights goes with IR text, found a model, which has its own", Place.OfFile(path));
        return null;
    }

    /// <summary>The text with the weights of a model, after the stages that had run when the text was written.</summary>
    private static OptInput? Bind(IrText text, string path, string weights, ImportOptions options, PassContext passes, DiagnosticBag diagnostics)
    {
        if (ModelLoader.Load(weights, options, diagnostics) is not { } model)
            return null;
        var ran = TextDirectives.Read(text.Source).Find(Reproducer.Ran)?.Value ?? "";
        var module = PassTable.Parse(new SourceText(Reproducer.Ran, ran), diagnostics) is { } stages && PassManager.CheckLevels(stages, model.Module.Level, PassTable.All, diagnostics) is not null
            ? PassManager.Run(model.Module, stages, passes)
            : null;
        if (module is not null && WeightBinder.Bind(text, declared => module.Resources.GetValueOrDefault(declared.Name), weights, diagnostics) is { } bound)
            return new OptInput(bound, [path, .. model.Files], weights, PipelineOf(text.Source), [model]);
        model.Dispose();
        return null;
    }

    private static SourceText PipelineOf(SourceText source) =>
        TextDirectives.Read(source).Find(Reproducer.Remaining) is { } line ? new SourceText("pipeline", line.Value) : NoPipeline;

    private static SourceText? ReadStandardInput(DiagnosticBag diagnostics)
    {
        using var stream = System.Console.OpenStandardInput();
        using var bytes = new MemoryStream();
        var buffer = new byte[1 << 16];
        int count;
        while (bytes.Length <= SourceText.MaxFileBytes && (count = stream.Read(buffer)) > 0)
            bytes.Write(buffer, 0, count);
        if (bytes.Length <= SourceText.MaxFileBytes)
            return SourceText.Decode("stdin", bytes.ToArray(), diagnostics);
        diagnostics.Add(TextDiagnostics.TooLong, $"expected at most {SourceText.MaxFileBytes} bytes of text, found more", Place.OfFile("stdin"));
        return null;
    }
}
