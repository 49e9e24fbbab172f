using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;

namespace BiMamba.Toolchain.Conversion;

/// <summary>Nothing replaces what it is made from.</summary>
internal static class OutputCheck
{
    /// <summary>True where the output is none of the inputs; otherwise <see cref="OutputDiagnostics.EqualsInput"/>.</summary>
    /// <param name="target">The file to write.</param>
    /// <param name="inputs">The files that are read; null for an option that is not given.</param>
    /// <param name="diagnostics">Receives the error.</param>
    public static bool DiffersFromInputs(string target, IEnumerable<string?> inputs, DiagnosticBag diagnostics)
    {
        var full = RealPath(target);
        if (!inputs.Any(input => input is not null && RealPath(input) == full))
            return true;
        diagnostics.Add(OutputDiagnostics.EqualsInput, "the output is one of the inputs", Place.OfFile(target), "choose another name");
        return false;
    }

    /// <summary>The path with the links of its folders followed: two spellings of one file are one file.</summary>
    private static string RealPath(string path)
    {
        var full = Path.GetFullPath(path);
        var folder = Path.GetDirectoryName(full);
        if (folder is null)
            return full;
        var real = RealPath(folder);
        return Path.Combine(LinkTarget(folder) is { } target ? RealPath(target) : real, Path.GetFileName(full));
    }

    private static string? LinkTarget(string folder)
    {
        try
        {
            return Directory.ResolveLinkTarget(folder, returnFinalTarget: true)?.FullName;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The reader that opens the file says why it cannot be reached.
            return null;
        }
    }
}
