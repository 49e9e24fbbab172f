using BiMamba.Diagnostics;
using BiMamba.Formats.Safetensors;
using BiMamba.IR;
using BiMamba.IR.Reading;
using BiMamba.Tensors;
using BiMamba.Text;

namespace BiMamba.Frontend.Text;

/// <summary>
/// Reads and writes modules as IR text: <c>name.bmir</c>, and beside it <c>name.safetensors</c> with the weights
/// (<see cref="IrWeights"/>). The text alone is a module without weights.
/// </summary>
public static class IrFiles
{
    /// <summary>The file of weights that belongs to a text.</summary>
    public static string WeightsPath(string path) => Path.ChangeExtension(path, ".safetensors");

    /// <summary>True for a file name of IR text.</summary>
    public static bool IsIrText(string path) => Path.GetExtension(path).Equals(IrParser.Extension, StringComparison.OrdinalIgnoreCase);

    /// <summary>The module of a text file, with the weights beside it if they are there; null where the bag got an error.</summary>
    public static IrModule? Open(string path, DiagnosticBag diagnostics)
    {
        if (SourceText.Load(path, diagnostics) is not { } source || IrParser.Parse(source, diagnostics) is not { } text)
            return null;
        var weights = WeightsPath(path);
        return Path.Exists(weights) ? Open(text, path, weights, diagnostics) : new IrModule(text, text.Module, [path], null);
    }

    /// <summary>
    /// Writes a module as text, and its weights beside it where they are wanted. Both files appear or none does.
    /// </summary>
    /// <param name="path">The text file, <c>name.bmir</c>.</param>
    /// <param name="text">The text, <see cref="IrPrinter.Print(Module, bool)"/> with comment lines before it.</param>
    /// <param name="module">The module whose weights are written, or null to write none.</param>
    /// <param name="force">True to replace files.</param>
    /// <param name="diagnostics">Receives errors.</param>
    /// <param name="cancellation">Stops the work; nothing is left behind.</param>
    public static bool Write(string path, string text, Module? module, bool force, DiagnosticBag diagnostics, CancellationToken cancellation)
    {
        using var file = AtomicFile.Create(path, force, diagnostics);
        if (file is null)
            return false;
        try
        {
            file.Stream.Write(System.Text.Encoding.UTF8.GetBytes(text));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            AtomicFile.ReportNotWritable(path, e, diagnostics);
            return false;
        }

        var weights = WeightsPath(path);
        if (module is not null && !SafetensorsWriter.Write(weights, IrWeights.Tensors(module), null, force, diagnostics, cancellation))
            return false;
        if (file.Commit(diagnostics))
            return true;
        if (module is not null && !force)
            File.Delete(weights);
        return false;
    }

    private static IrModule? Open(IrText text, string path, string weights, DiagnosticBag diagnostics)
    {
        if (SafetensorsReader.OpenFile(weights, diagnostics) is not { } archive)
            return null;
        if (WeightBinder.Bind(text, declared => IrWeights.Find(archive, declared), weights, diagnostics) is { } module)
            return new IrModule(text, module, [path, weights], archive);
        archive.Dispose();
        return null;
    }
}
