using BiMamba.Diagnostics;

namespace BiMamba.Formats.Bimb;

/// <summary>Writes files in one go; <see cref="BimbOutput"/> does it in steps.</summary>
public static class BimbWriter
{
    /// <summary>Writes a file that appears whole or not at all. False with diagnostics if it cannot be written.</summary>
    /// <param name="path">The file.</param>
    /// <param name="content">What it holds.</param>
    /// <param name="force">True to replace an existing file.</param>
    /// <param name="diagnostics">Receives errors.</param>
    /// <param name="progress">Receives the bytes of tensors that are written, from any thread.</param>
    /// <param name="cancellation">Cancels between pieces.</param>
    /// <exception cref="OperationCanceledException">The token was cancelled; no file is left behind.</exception>
    public static bool Write(string path, BimbContent content, bool force, DiagnosticBag diagnostics, IProgress<long>? progress = null, CancellationToken cancellation = default)
    {
        using var output = BimbOutput.Create(path, content, force, diagnostics);
        return output is not null
            && output.WriteData(Environment.ProcessorCount, diagnostics, progress, cancellation)
            && output.Commit(content.Recipe, diagnostics);
    }

    /// <summary>Bytes of the file of a content, or null with diagnostics where it cannot be stored; reads no weights.</summary>
    public static long? Measure(string path, BimbContent content, DiagnosticBag diagnostics)
    {
        var (resources, hashes) = BimbLayout.Prepare(content);
        return BimbLayout.Build(path, content, resources, hashes, diagnostics)?.Total;
    }
}
