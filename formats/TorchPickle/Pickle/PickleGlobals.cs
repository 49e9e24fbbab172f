using System.Collections.Frozen;
using BiMamba.Tensors;

namespace BiMamba.Formats.TorchPickle.Pickle;

/// <summary>What an allow-listed global stands for.</summary>
internal enum GlobalKind
{
    /// <summary>collections.OrderedDict.</summary>
    OrderedDict,

    /// <summary>A tensor of a typed storage.</summary>
    RebuildTensor,

    /// <summary>A tensor of an untyped storage with its type as the seventh argument.</summary>
    RebuildTypedTensor,

    /// <summary>A parameter: its tensor.</summary>
    RebuildParameter,

    /// <summary>A storage class.</summary>
    Storage,

    /// <summary>torch.Size.</summary>
    Size,

    /// <summary>torch.device.</summary>
    Device,

    /// <summary>A torch dtype.</summary>
    DataType,

    /// <summary>A constructor of tensors of a kind that is not supported.</summary>
    Unsupported,
}

/// <summary>One row of the list of globals.</summary>
/// <param name="Module">The module.</param>
/// <param name="Name">The name in it.</param>
/// <param name="Kind">What it stands for.</param>
/// <param name="Type">Element type of a storage or dtype, null if it is not supported or has none.</param>
internal sealed record GlobalRow(string Module, string Name, GlobalKind Kind, ElementType? Type = null)
{
    /// <summary>The class of storages without an element type.</summary>
    public const string UntypedStorage = "UntypedStorage";

    /// <summary>Module and name with a dot.</summary>
    public string FullName => $"{Module}.{Name}";
}

/// <summary>Every global that a pickle may name. All of them are inert: none is ever looked up in a library.</summary>
internal static class PickleGlobals
{
    private static readonly FrozenDictionary<(string Module, string Name), GlobalRow> Rows =
        All().ToFrozenDictionary(row => (row.Module, row.Name));

    /// <summary>The row of a global, null if it is not on the list.</summary>
    public static GlobalRow? Find(string module, string name) => Rows.GetValueOrDefault((module, name));

    private static IEnumerable<GlobalRow> All() =>
    [
        new("collections", "OrderedDict", GlobalKind.OrderedDict),
        new("torch._utils", "_rebuild_tensor_v2", GlobalKind.RebuildTensor),
        new("torch._utils", "_rebuild_tensor_v3", GlobalKind.RebuildTypedTensor),
        new("torch._utils", "_rebuild_parameter", GlobalKind.RebuildParameter),
        new("torch._utils", "_rebuild_parameter_with_state", GlobalKind.RebuildParameter),
        new("torch", "Size", GlobalKind.Size),
        new("torch", "device", GlobalKind.Device),
        .. Storages(),
        .. DataTypes(),
        .. Unsupported(),
    ];

    private static IEnumerable<GlobalRow> Storages() =>
    [
        new("torch", "FloatStorage", GlobalKind.Storage, ElementType.F32),
        new("torch", "DoubleStorage", GlobalKind.Storage, ElementType.F64),
        new("torch", "HalfStorage", GlobalKind.Storage, ElementType.F16),
        new("torch", "BFloat16Storage", GlobalKind.Storage, ElementType.BF16),
        new("torch", "CharStorage", GlobalKind.Storage, ElementType.I8),
        new("torch", "ShortStorage", GlobalKind.Storage, ElementType.I16),
        new("torch", "IntStorage", GlobalKind.Storage, ElementType.I32),
        new("torch", "LongStorage", GlobalKind.Storage, ElementType.I64),
        new("torch", "ByteStorage", GlobalKind.Storage, ElementType.U8),
        new("torch", "BoolStorage", GlobalKind.Storage, ElementType.Bool),
        new("torch", GlobalRow.UntypedStorage, GlobalKind.Storage),
        new("torch.storage", GlobalRow.UntypedStorage, GlobalKind.Storage),
        new("torch.storage", "TypedStorage", GlobalKind.Storage),
        new("torch", "ComplexFloatStorage", GlobalKind.Storage),
        new("torch", "ComplexDoubleStorage", GlobalKind.Storage),
        new("torch", "QInt8Storage", GlobalKind.Storage),
        new("torch", "QUInt8Storage", GlobalKind.Storage),
        new("torch", "QInt32Storage", GlobalKind.Storage),
        new("torch", "QUInt4x2Storage", GlobalKind.Storage),
        new("torch", "QUInt2x4Storage", GlobalKind.Storage),
    ];

    private static IEnumerable<GlobalRow> DataTypes()
    {
        (string Name, ElementType? Type)[] rows =
        [
            ("float32", ElementType.F32), ("float", ElementType.F32), ("float64", ElementType.F64), ("double", ElementType.F64),
            ("float16", ElementType.F16), ("half", ElementType.F16), ("bfloat16", ElementType.BF16),
            ("int8", ElementType.I8), ("int16", ElementType.I16), ("short", ElementType.I16), ("int32", ElementType.I32),
            ("int", ElementType.I32), ("int64", ElementType.I64), ("long", ElementType.I64), ("uint8", ElementType.U8),
            ("uint16", ElementType.U16), ("uint32", ElementType.U32), ("uint64", ElementType.U64), ("bool", ElementType.Bool),
            ("complex32", null), ("complex64", null), ("complex128", null), ("qint8", null), ("quint8", null), ("qint32", null),
            ("quint4x2", null), ("quint2x4", null), ("float8_e4m3fn", null), ("float8_e5m2", null), ("float8_e4m3fnuz", null),
            ("float8_e5m2fnuz", null), ("float8_e8m0fnu", null), ("float4_e2m1fn_x2", null),
        ];
        return rows.Select(row => new GlobalRow("torch", row.Name, GlobalKind.DataType, row.Type));
    }

    private static IEnumerable<GlobalRow> Unsupported() =>
    [
        new("torch._utils", "_rebuild_tensor", GlobalKind.Unsupported),
        new("torch._utils", "_rebuild_sparse_tensor", GlobalKind.Unsupported),
        new("torch._utils", "_rebuild_sparse_csr_tensor", GlobalKind.Unsupported),
        new("torch._utils", "_rebuild_qtensor", GlobalKind.Unsupported),
        new("torch._utils", "_rebuild_nested_tensor", GlobalKind.Unsupported),
        new("torch._utils", "_rebuild_meta_tensor_no_storage", GlobalKind.Unsupported),
        new("torch._utils", "_rebuild_wrapper_subclass", GlobalKind.Unsupported),
        new("torch._utils", "_rebuild_device_tensor_from_numpy", GlobalKind.Unsupported),
        new("torch._utils", "_rebuild_device_tensor_from_cpu_tensor", GlobalKind.Unsupported),
        new("torch._tensor", "_rebuild_from_type_v2", GlobalKind.Unsupported),
        new("torch.serialization", "_get_layout", GlobalKind.Unsupported),
        new("torch", "per_tensor_affine", GlobalKind.Unsupported),
        new("torch", "per_channel_affine", GlobalKind.Unsupported),
    ];
}
