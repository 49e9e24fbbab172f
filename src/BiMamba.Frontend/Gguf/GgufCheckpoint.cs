using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Formats.Common;
using BiMamba.Formats.Gguf;
using BiMamba.Tensors;

namespace BiMamba.Frontend.Gguf;

/// <summary>A GGUF file as a checkpoint: its tensors under their own names, and its metadata as the configuration.</summary>
internal sealed class GgufCheckpoint
{
    private readonly GgufFile first;

    private GgufCheckpoint(GgufFile first, GgufNames names, TensorArchive archive)
    {
        this.first = first;
        Names = names;
        Archive = archive;
    }

    /// <summary>The names of its architecture.</summary>
    public GgufNames Names { get; }

    /// <summary>The tensors as the file holds them.</summary>
    public TensorArchive Archive { get; }

    /// <summary>The file with the metadata.</summary>
    public GgufFile Metadata => first;

    /// <summary>Opens a file, or all files of a split model. Null after an error.</summary>
    public static GgufCheckpoint? Open(string path, DiagnosticBag diagnostics)
    {
        if (GgufReader.OpenModel(path, diagnostics) is not { } files)
            return null;
        if (NamesOf(files[0], diagnostics) is { } names && AreReadable(files, diagnostics))
            return new GgufCheckpoint(files[0], names, Merge(files));
        foreach (var file in files)
            file.Dispose();
        return null;
    }

    /// <summary>Reports what the shapes of the front end do not show: decays that have no logarithm, and groups of the gated norm.</summary>
    public void Check(DiagnosticBag diagnostics)
    {
        var groups = first.Find(Names.Architecture + GgufKeys.Groups)?.AsInteger() ?? 1;
        foreach (var (name, entry) in Archive.Tensors)
        {
            var place = new Place(entry.File, Printable.Name(name));
            switch (Names.Find(name)?.Row.Handle)
            {
                case Handles.ALog when entry.Tensor.Type.Info().IsFloat && DecayLogarithm.FindBroken(entry.Tensor) is var (index, value):
                    diagnostics.Add(GgufDiagnostics.Decay, $"expected negative finite numbers, which are -exp(A_log), found {value} in element {index}", place, "convert the checkpoint again");
                    break;
                case Handles.GateNorm when entry.Tensor.Shape is { Rank: 2 } shape && shape[0] != groups:
                    diagnostics.Add(FrontendDiagnostics.TensorShape, $"expected [{groups},?] of {groups} groups in '{Names.Architecture + GgufKeys.Groups}', found {shape}", place);
                    break;
            }
        }
    }

    private static GgufNames? NamesOf(GgufFile file, DiagnosticBag diagnostics)
    {
        var word = file.Find(GgufKeys.Architecture)?.AsText();
        if (word is not null && GgufNames.Of(word) is { } names)
            return names;
        diagnostics.Add(
            FrontendDiagnostics.UnknownArchitecture,
            $"expected mamba or mamba2, found {(word is null ? "no text" : $"'{Printable.Name(word)}'")}",
            new Place(file.Path, Field: GgufKeys.Architecture));
        return null;
    }

    private static bool AreReadable(IReadOnlyList<GgufFile> files, DiagnosticBag diagnostics)
    {
        var known = string.Join(", ", GgmlLayout.All.Where(row => row.IsReadable).Select(row => row.Name));
        var sound = true;
        foreach (var file in files)
        {
            foreach (var entry in file.Tensors.Where(entry => entry.Tensor is null))
            {
                sound = false;
                diagnostics.Add(
                    GgufDiagnostics.TensorType,
                    $"expected one of the types {known}, found {entry.Layout.Name}{entry.Shape}",
                    new Place(file.Path, Printable.Name(entry.Name)),
                    "take a file of f16, bf16 or q8_0: llama-quantize --allow-requantize writes one, but what was lost stays lost");
            }
        }

        return sound;
    }

    private static TensorArchive Merge(IReadOnlyList<GgufFile> files)
    {
        var tensors = new Dictionary<string, ArchiveEntry>(StringComparer.Ordinal);
        foreach (var file in files)
        {
            foreach (var entry in file.Tensors)
                tensors.Add(entry.Name, new ArchiveEntry(entry.Tensor!, file.Path));
        }

        return new TensorArchive(tensors, [.. files.Select(file => file.Path)], files);
    }
}
