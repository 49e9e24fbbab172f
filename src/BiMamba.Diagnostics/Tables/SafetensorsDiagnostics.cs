namespace BiMamba.Diagnostics.Tables;

/// <summary>BIM11xx: safetensors files, and the indexes of sharded checkpoints of either format.</summary>
public static class SafetensorsDiagnostics
{
    /// <summary>The file has no room for the header length.</summary>
    public static readonly DiagnosticDescriptor TooShort =
        DiagnosticDescriptor.Error("BIM1101", ExitCode.Malformed, "A safetensors file is shorter than the eight bytes of its header length.");

    /// <summary>The header length is over the cap of 100,000,000 bytes.</summary>
    public static readonly DiagnosticDescriptor HeaderTooLarge =
        DiagnosticDescriptor.Error("BIM1102", ExitCode.Malformed, "The header length of a safetensors file is over the cap of the format.");

    /// <summary>The header does not fit the file.</summary>
    public static readonly DiagnosticDescriptor HeaderPastEnd =
        DiagnosticDescriptor.Error("BIM1103", ExitCode.Malformed, "The header of a safetensors file goes past the end of the file.");

    /// <summary>The header is not framed as an object.</summary>
    public static readonly DiagnosticDescriptor HeaderNotObject =
        DiagnosticDescriptor.Error("BIM1104", ExitCode.Malformed, "The header of a safetensors file is not '{' to '}' and then spaces only.");

    /// <summary>The header is not JSON in UTF-8.</summary>
    public static readonly DiagnosticDescriptor HeaderNotJson =
        DiagnosticDescriptor.Error("BIM1105", ExitCode.Malformed, "The header of a safetensors file is not JSON in UTF-8.");

    /// <summary>A key stands twice in one object of the header.</summary>
    public static readonly DiagnosticDescriptor DuplicateKey =
        DiagnosticDescriptor.Error("BIM1106", ExitCode.Malformed, "A key stands twice in the header of a safetensors file.");

    /// <summary>The description of a tensor does not have exactly the keys of the format.</summary>
    public static readonly DiagnosticDescriptor EntryKeys =
        DiagnosticDescriptor.Error("BIM1107", ExitCode.Malformed, "A tensor of a safetensors header is not described by exactly dtype, shape and data_offsets.");

    /// <summary>The element type is not one of the readable ones.</summary>
    public static readonly DiagnosticDescriptor UnsupportedType =
        DiagnosticDescriptor.Error("BIM1108", ExitCode.Unsupported, "A tensor of a safetensors file has an element type that is not supported.");

    /// <summary>The shape is not a list of sensible dimensions.</summary>
    public static readonly DiagnosticDescriptor BadShape =
        DiagnosticDescriptor.Error("BIM1109", ExitCode.Malformed, "The shape of a tensor is negative, of too high a rank or overflows 63 bits.");

    /// <summary>The offsets are not two non-negative integers in order.</summary>
    public static readonly DiagnosticDescriptor BadOffsets =
        DiagnosticDescriptor.Error("BIM1110", ExitCode.Malformed, "The data_offsets of a tensor are not two non-negative integers with begin <= end.");

    /// <summary>Tensors lie outside the file: it is truncated or the header lies.</summary>
    public static readonly DiagnosticDescriptor PastEnd =
        DiagnosticDescriptor.Error("BIM1111", ExitCode.Malformed, "The tensors of a safetensors file go past the end of the file.");

    /// <summary>The range of bytes does not fit shape and type.</summary>
    public static readonly DiagnosticDescriptor SizeMismatch =
        DiagnosticDescriptor.Error("BIM1112", ExitCode.Malformed, "The bytes of a tensor do not match its shape and element type.");

    /// <summary>Bytes between two tensors belong to none.</summary>
    public static readonly DiagnosticDescriptor Hole =
        DiagnosticDescriptor.Error("BIM1113", ExitCode.Malformed, "Bytes of a safetensors file belong to no tensor.");

    /// <summary>Two tensors share bytes.</summary>
    public static readonly DiagnosticDescriptor Overlap =
        DiagnosticDescriptor.Error("BIM1114", ExitCode.Malformed, "Two tensors of a safetensors file overlap.");

    /// <summary>Bytes follow the last tensor.</summary>
    public static readonly DiagnosticDescriptor TrailingBytes =
        DiagnosticDescriptor.Error("BIM1115", ExitCode.Malformed, "Bytes follow the last tensor of a safetensors file.");

    /// <summary>The metadata are not a map of strings.</summary>
    public static readonly DiagnosticDescriptor BadMetadata =
        DiagnosticDescriptor.Error("BIM1116", ExitCode.Malformed, "The __metadata__ of a safetensors file are not an object of strings.");

    /// <summary>A tensor name is too long.</summary>
    public static readonly DiagnosticDescriptor BadName =
        DiagnosticDescriptor.Error("BIM1117", ExitCode.Malformed, "A tensor name is longer than 1,024 bytes.");

    /// <summary>The index is not JSON in UTF-8.</summary>
    public static readonly DiagnosticDescriptor IndexNotJson =
        DiagnosticDescriptor.Error("BIM1130", ExitCode.Malformed, "The index of a sharded checkpoint is not JSON in UTF-8.");

    /// <summary>The index has not the form of an index.</summary>
    public static readonly DiagnosticDescriptor IndexForm =
        DiagnosticDescriptor.Error("BIM1131", ExitCode.Malformed, "The index of a sharded checkpoint has no weight_map from tensor names to file names.");

    /// <summary>A key stands twice in the index.</summary>
    public static readonly DiagnosticDescriptor IndexDuplicateKey =
        DiagnosticDescriptor.Error("BIM1132", ExitCode.Malformed, "A key stands twice in the index of a sharded checkpoint.");

    /// <summary>A shard is not a plain file name.</summary>
    public static readonly DiagnosticDescriptor IndexShardName =
        DiagnosticDescriptor.Error("BIM1133", ExitCode.Malformed, "An index names a shard that is not a plain file name in the same folder.");

    /// <summary>The index names a tensor that its shard does not hold.</summary>
    public static readonly DiagnosticDescriptor IndexTensorMissing =
        DiagnosticDescriptor.Error("BIM1134", ExitCode.Malformed, "An index names a tensor that is not in the shard it names.");

    /// <summary>A shard holds a tensor that the index does not name.</summary>
    public static readonly DiagnosticDescriptor IndexTensorUnlisted =
        DiagnosticDescriptor.Error("BIM1135", ExitCode.Malformed, "A shard holds a tensor that the index does not name.");

    /// <summary>The total size of the index is not the size of the tensors.</summary>
    public static readonly DiagnosticDescriptor IndexTotalSize =
        DiagnosticDescriptor.Warning("BIM1136", "The total_size of an index is not the size of the tensors in its shards.");

    /// <summary>The index is over the cap of 100,000,000 bytes.</summary>
    public static readonly DiagnosticDescriptor IndexTooLarge =
        DiagnosticDescriptor.Error("BIM1137", ExitCode.Malformed, "The index of a sharded checkpoint is over the cap of 100,000,000 bytes.");

    /// <summary>A tensor cannot be written under its name.</summary>
    public static readonly DiagnosticDescriptor WriteName =
        DiagnosticDescriptor.Error("BIM1150", ExitCode.OutputRefused, "A tensor cannot be written to a safetensors file under its name.");

    /// <summary>The header would be over the cap of 100,000,000 bytes.</summary>
    public static readonly DiagnosticDescriptor WriteHeaderTooLarge =
        DiagnosticDescriptor.Error("BIM1151", ExitCode.OutputRefused, "The header of a safetensors file to be written is over the cap of the format.");
}
