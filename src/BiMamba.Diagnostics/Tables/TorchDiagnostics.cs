namespace BiMamba.Diagnostics.Tables;

/// <summary>BIM12xx: files of torch.save.</summary>
public static class TorchDiagnostics
{
    /// <summary>The file is not a zip archive of torch.save.</summary>
    public static readonly DiagnosticDescriptor NotTorch =
        DiagnosticDescriptor.Error("BIM1201", ExitCode.Malformed, "A file is not an archive of torch.save.");

    /// <summary>The file is of a torch older than 1.6 or was saved without the zip form.</summary>
    public static readonly DiagnosticDescriptor Legacy =
        DiagnosticDescriptor.Error("BIM1202", ExitCode.Unsupported, "A torch file is in the legacy form without a zip archive.");

    /// <summary>The file is a compiled TorchScript module.</summary>
    public static readonly DiagnosticDescriptor TorchScript =
        DiagnosticDescriptor.Error("BIM1203", ExitCode.Unsupported, "A torch file is a TorchScript archive, not a checkpoint.");

    /// <summary>The zip directory is missing or contradicts itself.</summary>
    public static readonly DiagnosticDescriptor ZipDirectory =
        DiagnosticDescriptor.Error("BIM1204", ExitCode.Malformed, "The directory of a zip archive is missing, truncated or inconsistent.");

    /// <summary>An entry of the archive is malformed or outside the file.</summary>
    public static readonly DiagnosticDescriptor ZipEntry =
        DiagnosticDescriptor.Error("BIM1205", ExitCode.Malformed, "An entry of a zip archive is malformed or lies outside the file.");

    /// <summary>Two entries have the same name.</summary>
    public static readonly DiagnosticDescriptor ZipDuplicate =
        DiagnosticDescriptor.Error("BIM1206", ExitCode.Malformed, "Two entries of a zip archive have the same name.");

    /// <summary>Two entries share bytes.</summary>
    public static readonly DiagnosticDescriptor ZipOverlap =
        DiagnosticDescriptor.Error("BIM1207", ExitCode.Malformed, "Two entries of a zip archive overlap.");

    /// <summary>An entry is compressed or encrypted.</summary>
    public static readonly DiagnosticDescriptor ZipCompressed =
        DiagnosticDescriptor.Error("BIM1208", ExitCode.Unsupported, "An entry of a torch archive is compressed or encrypted.");

    /// <summary>The archive has more or longer names than a checkpoint.</summary>
    public static readonly DiagnosticDescriptor ZipLimit =
        DiagnosticDescriptor.Error("BIM1209", ExitCode.Malformed, "A zip archive has too many entries or too long a name.");

    /// <summary>The archive has not exactly one data.pkl.</summary>
    public static readonly DiagnosticDescriptor NoPickle =
        DiagnosticDescriptor.Error("BIM1210", ExitCode.Malformed, "A zip archive has not exactly one data.pkl and so is no torch file.");

    /// <summary>The storages are not little-endian.</summary>
    public static readonly DiagnosticDescriptor ByteOrder =
        DiagnosticDescriptor.Error("BIM1211", ExitCode.Unsupported, "A torch file is not in little-endian byte order.");

    /// <summary>The pickle ends inside an instruction.</summary>
    public static readonly DiagnosticDescriptor PickleTruncated =
        DiagnosticDescriptor.Error("BIM1220", ExitCode.Malformed, "The pickle of a torch file ends too early.");

    /// <summary>The pickle uses an instruction that torch.save does not write.</summary>
    public static readonly DiagnosticDescriptor PickleOpcode =
        DiagnosticDescriptor.Error("BIM1221", ExitCode.Malformed, "The pickle of a torch file uses an instruction that is not allowed.");

    /// <summary>The operands of an instruction do not fit.</summary>
    public static readonly DiagnosticDescriptor PickleMalformed =
        DiagnosticDescriptor.Error("BIM1222", ExitCode.Malformed, "The pickle of a torch file is inconsistent.");

    /// <summary>The pickle is larger than any checkpoint's.</summary>
    public static readonly DiagnosticDescriptor PickleLimit =
        DiagnosticDescriptor.Error("BIM1223", ExitCode.Malformed, "The pickle of a torch file is over a limit of size or depth.");

    /// <summary>The pickle names something that could run code.</summary>
    public static readonly DiagnosticDescriptor UnsafeGlobal =
        DiagnosticDescriptor.Error("BIM1224", ExitCode.Malformed, "The pickle of a torch file names a global that is not on the list of harmless ones (unsafe).");

    /// <summary>The pickle holds tensors of a kind that is not supported.</summary>
    public static readonly DiagnosticDescriptor UnsupportedGlobal =
        DiagnosticDescriptor.Error("BIM1225", ExitCode.Unsupported, "A torch file holds tensors of a kind that is not supported.");

    /// <summary>A harmless global is called with the wrong arguments.</summary>
    public static readonly DiagnosticDescriptor BadCall =
        DiagnosticDescriptor.Error("BIM1226", ExitCode.Malformed, "The pickle of a torch file calls a rebuild function with arguments that do not fit.");

    /// <summary>No tensors are found.</summary>
    public static readonly DiagnosticDescriptor NoStateDict =
        DiagnosticDescriptor.Error("BIM1230", ExitCode.Malformed, "A torch file holds no dictionary of tensors.");

    /// <summary>A storage is not in the archive.</summary>
    public static readonly DiagnosticDescriptor StorageMissing =
        DiagnosticDescriptor.Error("BIM1231", ExitCode.Malformed, "The storage of a tensor is not in the torch file.");

    /// <summary>A storage has another size than declared.</summary>
    public static readonly DiagnosticDescriptor StorageSize =
        DiagnosticDescriptor.Error("BIM1232", ExitCode.Malformed, "The storage of a tensor has another size in the archive than in the pickle.");

    /// <summary>The element type or a flag of a tensor is not supported.</summary>
    public static readonly DiagnosticDescriptor UnsupportedType =
        DiagnosticDescriptor.Error("BIM1233", ExitCode.Unsupported, "A tensor of a torch file has an element type or a flag that is not supported.");

    /// <summary>Shape, strides or offset of a tensor make no sense.</summary>
    public static readonly DiagnosticDescriptor BadGeometry =
        DiagnosticDescriptor.Error("BIM1234", ExitCode.Malformed, "Shape, strides or offset of a tensor are negative, of different or too high rank, or overflow.");

    /// <summary>A tensor reaches outside its storage.</summary>
    public static readonly DiagnosticDescriptor OutsideStorage =
        DiagnosticDescriptor.Error("BIM1235", ExitCode.Malformed, "A tensor of a torch file reaches outside its storage.");

    /// <summary>A view repeats its storage too often.</summary>
    public static readonly DiagnosticDescriptor ViewTooLarge =
        DiagnosticDescriptor.Error("BIM1236", ExitCode.Malformed, "A tensor of a torch file repeats its storage to more than 4 GiB.");

    /// <summary>A tensor name is too long.</summary>
    public static readonly DiagnosticDescriptor BadName =
        DiagnosticDescriptor.Error("BIM1237", ExitCode.Malformed, "A tensor name is longer than 1,024 bytes.");

    /// <summary>Two tensors come to the same name.</summary>
    public static readonly DiagnosticDescriptor NameClash =
        DiagnosticDescriptor.Error("BIM1238", ExitCode.Malformed, "Two tensors of a torch file come to the same name.");

    /// <summary>Dictionaries are nested too deeply, or into themselves.</summary>
    public static readonly DiagnosticDescriptor TooDeep =
        DiagnosticDescriptor.Error("BIM1239", ExitCode.Malformed, "The dictionaries of a torch file are nested too deeply, into themselves, or too many.");

    /// <summary>Tensors beside the state dict were passed over.</summary>
    public static readonly DiagnosticDescriptor TensorsIgnored =
        DiagnosticDescriptor.Note("BIM1240", "A torch file holds tensors beside its state dict, which are not read.");

    /// <summary>Wrapper prefixes were removed from tensor names.</summary>
    public static readonly DiagnosticDescriptor PrefixRemoved =
        DiagnosticDescriptor.Note("BIM1241", "Prefixes of training wrappers were removed from the tensor names of a torch file.");
}
