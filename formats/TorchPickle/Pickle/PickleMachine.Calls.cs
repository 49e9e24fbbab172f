using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Formats.Common;

namespace BiMamba.Formats.TorchPickle.Pickle;

/// <content>Globals and what calling them builds.</content>
internal sealed partial class PickleMachine
{
    /// <summary>Calls look at no more of their arguments: a long tuple can be passed again and again.</summary>
    private const int MaxArguments = 16;

    private int copied;

    private bool Global(string module, string name)
    {
        if (PickleGlobals.Find(module, name) is { } row && row.Kind != GlobalKind.Unsupported)
            return Push(new PickleGlobal(row));
        Refuse(module, name);
        return Push(PickleOpaque.Refused);
    }

    /// <summary>Reports a global. The run goes on, so that every global of the file is reported.</summary>
    private void Refuse(string module, string name)
    {
        if (!reportedGlobals.Add((module, name)))
            return;
        var full = Printable.Name($"{module}.{name}");
        var place = new Place(path, Field: "data.pkl", Offset: fileOffset + at);
        if (PickleGlobals.Find(module, name)?.Kind == GlobalKind.Unsupported)
            found.Add(TorchDiagnostics.UnsupportedGlobal, $"expected dense tensors, found '{full}' (byte {at} of data.pkl), which rebuilds a sparse, quantized or wrapped one", place, "save a plain state_dict() of dense tensors of full precision");
        else
            found.Add(TorchDiagnostics.UnsafeGlobal, $"unsafe: the pickle names the global '{full}' (byte {at} of data.pkl), which a checkpoint does not need; nothing was executed", place, "trust the file only if you know its source; save a plain state_dict() or convert it to safetensors");
    }

    private bool StackGlobal()
    {
        if (!Pop(out var name) || !Pop(out var module))
            return false;
        if (name is not PickleText { Value: var nameText } || module is not PickleText { Value: var moduleText })
            return Malformed($"expected a global as two strings, found {module.Kind} and {name.Kind}");
        // A long string in the memo could be looked up again and again.
        return moduleText.Length <= PickleLimits.GlobalBytes && nameText.Length <= PickleLimits.GlobalBytes
            ? Global(moduleText, nameText)
            : GlobalTooLong();
    }

    private bool Call()
    {
        if (!Pop(out var arguments) || !Pop(out var function))
            return false;
        if (function == PickleOpaque.Refused)
            return Push(function);
        if (arguments is not PickleTuple tuple || function is not PickleGlobal global)
            return Malformed($"expected a call of a global with a tuple, found {function.Kind} and {arguments.Kind}");
        var result = Build(global.Row, tuple.Items);
        return result is null
            ? Fail(TorchDiagnostics.BadCall, $"expected the arguments of '{global.Row.FullName}', found {(tuple.Items.Count == 0 ? "none" : string.Join(", ", tuple.Items.Take(8).Select(item => item.Kind)))}")
            : Push(result);
    }

    /// <summary>The value of a call, null if the arguments do not fit.</summary>
    private PickleValue? Build(GlobalRow row, IReadOnlyList<PickleValue> arguments)
    {
        // What a refused global has left fits everywhere, so that the run goes on to the next one.
        if (arguments.Take(MaxArguments).Contains(PickleOpaque.Refused))
            return PickleOpaque.Refused;
        return row.Kind switch
        {
            GlobalKind.OrderedDict => OrderedDict(arguments),
            GlobalKind.RebuildTensor => RebuildTensor(arguments, null, 6),
            GlobalKind.RebuildTypedTensor when arguments.Count >= 7 && arguments[6] is PickleGlobal { Row: { Kind: GlobalKind.DataType } type } =>
                RebuildTensor(arguments, type, 7),
            GlobalKind.RebuildParameter when arguments.Count is 3 or 4 && arguments[0] is PickleTensor tensor => tensor,
            GlobalKind.Size when arguments is [PickleTuple size] => size,
            GlobalKind.Size when arguments is [PickleList { Items.Count: <= MaxArguments } list] => new PickleTuple([.. list.Items]),
            GlobalKind.Device when arguments.Count is 1 or 2 && arguments[0] is PickleText => PickleOpaque.Device,
            _ => null,
        };
    }

    private PickleDict? OrderedDict(IReadOnlyList<PickleValue> arguments)
    {
        var dict = new PickleDict();
        if (arguments.Count == 0)
            return dict;
        if (arguments is not [PickleList pairs] || pairs.Items.Count > PickleLimits.Instructions - copied)
            return null;
        copied += pairs.Items.Count;
        foreach (var pair in pairs.Items)
        {
            var items = pair is PickleTuple tuple ? tuple.Items : pair is PickleList list ? list.Items : [];
            if (items.Count != 2)
                return null;
            dict.Items.Add(new(items[0], items[1]));
        }

        return dict;
    }

    /// <summary>
    /// A tensor of (storage, offset, size, stride, requires_grad, hooks, metadata), with the type before the metadata
    /// where the storage is untyped.
    /// </summary>
    private static PickleTensor? RebuildTensor(IReadOnlyList<PickleValue> arguments, GlobalRow? type, int metadataIndex)
    {
        if (arguments.Count < 6 || arguments.Count > metadataIndex + 1
            || arguments[0] is not PickleStorage storage || arguments[1] is not PickleInteger first
            || Integers(arguments[2]) is not { } dims || Integers(arguments[3]) is not { } strides)
            return null;
        var metadata = arguments.Count > metadataIndex ? arguments[metadataIndex] : PickleOpaque.None;
        if (metadata != PickleOpaque.None && metadata is not PickleDict)
            return null;
        var isUntyped = string.Equals(storage.TypeName, GlobalRow.UntypedStorage, StringComparison.Ordinal);
        // An untyped storage counts bytes and needs the type; a typed one has it.
        if (isUntyped != (type is not null))
            return null;
        return type is null
            ? new PickleTensor(storage, storage.TypeName, storage.Type, first.Value, dims, strides, FlagOf(metadata))
            : new PickleTensor(storage, type.Name, type.Type, first.Value, dims, strides, FlagOf(metadata));
    }

    /// <summary>The name of a flag that is set, such as conj or neg, whose storage does not hold the values as they are.</summary>
    private static string? FlagOf(PickleValue metadata) =>
        metadata is PickleDict dict
            ? dict.Items.Take(MaxArguments).Where(pair => pair.Value is not PickleBool { Value: false }).Select(pair => pair.Key is PickleText text ? text.Value : pair.Key.Kind).FirstOrDefault()
            : null;

    /// <summary>Dimensions or strides, cut where no shape can be as long; null if they are not integers.</summary>
    private static long[]? Integers(PickleValue value)
    {
        if (value is not PickleTuple tuple)
            return null;
        var integers = new long[Math.Min(tuple.Items.Count, MaxArguments)];
        for (var i = 0; i < integers.Length; i++)
        {
            if (tuple.Items[i] is not PickleInteger integer)
                return null;
            integers[i] = integer.Value;
        }

        return integers;
    }

    private bool Build()
    {
        // The state of an OrderedDict is its _metadata: versions of modules, not tensors.
        if (!Pop(out _) || !Peek(out var target))
            return false;
        return target is PickleDict || target == PickleOpaque.Refused || Malformed($"expected the state of a dict, found that of {target.Kind}");
    }

    /// <summary>A storage of ('storage', class, key, location, count).</summary>
    private bool PersistentId()
    {
        if (!Pop(out var id))
            return false;
        if (id is PickleTuple { Items: [PickleText { Value: "storage" }, PickleGlobal { Row: { Kind: GlobalKind.Storage } row }, PickleText key, PickleText, PickleInteger count] } && count.Value >= 0)
        {
            // Every tensor looks its key up, and many can share a long one.
            if (key.Value.Length > PickleLimits.KeyCharacters)
                return Fail(TorchDiagnostics.PickleLimit, $"expected a key of a storage of at most {PickleLimits.KeyCharacters} characters, found {key.Value.Length}");
            return Push(new PickleStorage(row.Name, row.Type, key.Value, count.Value));
        }

        if (id is PickleTuple tuple && tuple.Items.Take(MaxArguments).Contains(PickleOpaque.Refused))
            return Push(PickleOpaque.Refused);
        return Malformed("expected a storage as ('storage', class, key, location, count), found something else");
    }
}
