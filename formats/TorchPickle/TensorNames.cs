using System.Collections.Frozen;

namespace BiMamba.Formats.TorchPickle;

/// <summary>Removes what training wrappers add to tensor names.</summary>
internal static class TensorNames
{
    /// <summary>The longest name in UTF-8.</summary>
    public const int MaxBytes = 1024;

    /// <summary>Names of wrapper modules that stand before the name of the wrapped one: DeepSpeed, DataParallel, torch.compile, FSDP, checkpointing.</summary>
    private static readonly FrozenSet<string> Leading =
        new[] { "_forward_module", "module", "_orig_mod", "_fsdp_wrapped_module", "_checkpoint_wrapped_module" }.ToFrozenSet(StringComparer.Ordinal);

    /// <summary>Those of them that wrap single layers too and that no model uses for its own modules.</summary>
    private static readonly FrozenSet<string> Anywhere =
        new[] { "_orig_mod", "_fsdp_wrapped_module", "_checkpoint_wrapped_module" }.ToFrozenSet(StringComparer.Ordinal);

    /// <summary>The name without wrapper components; the last component always stays.</summary>
    public static string Unwrap(string name)
    {
        if (!name.Contains('.', StringComparison.Ordinal))
            return name;
        var components = name.Split('.');
        var last = components.Length - 1;
        var start = 0;
        while (start < last && Leading.Contains(components[start]))
            start++;
        var kept = components.Where((component, i) => i == last || (i >= start && !Anywhere.Contains(component)));
        return string.Join('.', kept);
    }
}
