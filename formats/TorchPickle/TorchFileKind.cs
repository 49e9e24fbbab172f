using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Tensors;

namespace BiMamba.Formats.TorchPickle;

/// <summary>Tells the archives of torch.save from everything else by their first bytes.</summary>
internal static class TorchFileKind
{
    private const int TarMagicOffset = 257;

    /// <summary>The integer 0x1950a86a20f9469cfc6c as a pickle, with which the files of torch before 1.6 start after the protocol.</summary>
    private static ReadOnlySpan<byte> LegacyMagic => [0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19];

    /// <summary>True for a zip archive. Otherwise false with a diagnostic that names what the file is.</summary>
    public static bool IsArchive(FileMap map, DiagnosticBag diagnostics)
    {
        var start = map.Copy(0, (int)Math.Min(map.Length, 512));
        if (start.StartsWith("PK\x03\x04"u8))
            return true;
        var place = Place.OfFile(map.Path);
        if (IsLegacy(start))
            diagnostics.Add(TorchDiagnostics.Legacy, "expected a zip archive, found the legacy form of torch.save, before torch 1.6", place, "load it and save it again with torch.save of torch 1.6 or newer, or convert it to safetensors");
        else
            diagnostics.Add(TorchDiagnostics.NotTorch, $"expected a zip archive of torch.save, found {Describe(start)}", place, HintOf(start));
        return false;
    }

    private static bool IsLegacy(ReadOnlySpan<byte> start) =>
        (start.Length > 2 && start[0] == 0x80 && start[2..].StartsWith(LegacyMagic))
        || (start.Length > TarMagicOffset && start[TarMagicOffset..].StartsWith("ustar"u8));

    private static string Describe(ReadOnlySpan<byte> start)
    {
        if (start.IsEmpty)
            return "an empty file";
        if (start.StartsWith("version https://git-lfs"u8))
            return "a Git LFS pointer";
        if (start.Length > 8 && start[8] == '{')
            return "what looks like a safetensors file";
        return start[0] == 0x80 ? "a bare pickle" : "something else";
    }

    private static string? HintOf(ReadOnlySpan<byte> start) =>
        start.StartsWith("version https://git-lfs"u8) ? "run 'git lfs pull'" : "save it with torch.save or convert it to safetensors";
}
