using BiMamba.IR;

namespace BiMamba.CommandLine.Models;

/// <summary>A module as IR text, for which the bytes of all its weights are hashed.</summary>
internal static class ModuleText
{
    /// <summary>The text.</summary>
    /// <param name="module">The module.</param>
    /// <param name="cancellation">Looked at between weights.</param>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static string Print(Module module, CancellationToken cancellation)
    {
        foreach (var resource in module.Resources.Values)
        {
            cancellation.ThrowIfCancellationRequested();
            _ = resource.ShortHash;
        }

        return IrPrinter.Print(module);
    }
}
