using BiMamba.Diagnostics;
using BiMamba.Toolchain.Conversion;
using Microsoft.Extensions.Logging.Abstractions;

namespace BiMamba.Toolchain;

/// <content>Conversion.</content>
public sealed partial class Model
{
    /// <summary>
    /// Converts the model to a .bimb file in a thread of the pool. The bytes are those of <c>bimambac convert</c>. The file
    /// is read back before it has its name: it appears whole and verified, or not at all.
    /// </summary>
    /// <param name="output">The file to write.</param>
    /// <param name="options">How; null for the defaults.</param>
    /// <param name="progress">Is told from any thread how far the work is, or null.</param>
    /// <param name="cancellation">
    /// Stops the work. Finished blocks of a calibrated conversion stay in <c>OUTPUT.journal</c>, for
    /// <see cref="ConvertOptions.Resume"/>; a file that is being compared with its source is written already and stays.
    /// </param>
    /// <exception cref="ModelException">Options contradict each other, the model does not suit them, or the file exists or cannot be written.</exception>
    public async Task<ConvertResult> ConvertAsync(
        string output, ConvertOptions? options = null, IProgress<ConversionProgress>? progress = null, CancellationToken cancellation = default)
    {
        var diagnostics = new DiagnosticBag();
        return await TryConvertAsync(output, options, diagnostics, progress, cancellation).ConfigureAwait(false) ?? throw new ModelException(diagnostics);
    }

    /// <summary>Converts the model to a .bimb file; null where that cannot be done.</summary>
    /// <inheritdoc cref="ConvertAsync" path="/param"/>
    /// <param name="diagnostics">Receives errors, warnings and notes when the task ends; not to be read before.</param>
    public async Task<ConvertResult?> TryConvertAsync(
        string output, ConvertOptions? options, DiagnosticBag diagnostics, IProgress<ConversionProgress>? progress = null, CancellationToken cancellation = default)
    {
        using var use = lease.Take();
        return await Task.Run(() => Operation.Try(Logger, diagnostics, found => Convert(output, options ?? new ConvertOptions(), found, progress, cancellation)), CancellationToken.None).ConfigureAwait(false);
    }

    private ConvertResult? Convert(string output, ConvertOptions settings, DiagnosticBag found, IProgress<ConversionProgress>? progress, CancellationToken cancellation) =>
        new ModelConversion(loaded, options, output, settings, new ConversionContext(found, Logger ?? NullLogger.Instance, progress, cancellation)).Run();
}
