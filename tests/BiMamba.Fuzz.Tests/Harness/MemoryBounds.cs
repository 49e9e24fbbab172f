namespace BiMamba.Fuzz.Tests.Harness;

/// <summary>What a parser may allocate for a file. docs/SECURITY.md shows the table.</summary>
internal static class MemoryBounds
{
    private const long KiB = 1 << 10;

    /// <summary>All bounds by target.</summary>
    public static IReadOnlyDictionary<string, MemoryBound> All { get; } = new SortedDictionary<string, MemoryBound>(StringComparer.Ordinal)
    {
        ["bimb"] = new(1000, 1024 * KiB),
        ["bimb-spec"] = new(1000, 1024 * KiB),
        ["block-archive"] = new(1000, 1024 * KiB),
        ["card-result"] = new(1000, 1024 * KiB),
        ["cell"] = new(1000, 1024 * KiB),
        ["checkpoint"] = new(1000, 1024 * KiB),
        ["gguf-spec"] = new(1000, 1024 * KiB),
        ["index"] = new(1000, 1024 * KiB),
        ["ir"] = new(1000, 1024 * KiB),
        ["journal"] = new(1000, 1024 * KiB),
        ["json-lines"] = new(1000, 1024 * KiB),
        ["pipeline"] = new(1000, 1024 * KiB),
        ["recipe"] = new(1000, 1024 * KiB),
        ["run-file"] = new(1000, 1024 * KiB),
        ["safetensors"] = new(1000, 1024 * KiB),
        ["safetensors-spec"] = new(1000, 1024 * KiB),
        ["sensitivity"] = new(1000, 1024 * KiB),
        ["spec"] = new(1000, 1024 * KiB),
        ["token-ids"] = new(1000, 1024 * KiB),
        ["tokenizer"] = new(1000, 72 << 10 << 10),
        ["torch"] = new(1000, 1024 * KiB),
    };

    /// <summary>The bound of a target.</summary>
    public static MemoryBound Of(string target) => All[target];
}
