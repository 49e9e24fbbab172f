namespace BiMamba.Fuzz.Tests.Harness;

/// <summary>What a parser may allocate for a file. docs/SECURITY.md shows the table.</summary>
internal static class MemoryBounds
{
    private const long KiB = 1 << 10;

    /// <summary>All bounds by target.</summary>
    public static IReadOnlyDictionary<string, MemoryBound> All { get; } = new SortedDictionary<string, MemoryBound>(StringComparer.Ordinal)
    {
        ["bimb"] = new(1000, 512 * KiB),
        ["bimb-spec"] = new(1000, 512 * KiB),
        ["block-archive"] = new(1000, 512 * KiB),
        ["card-result"] = new(1000, 1024 * KiB),
        ["cell"] = new(100, 256 * KiB),
        ["checkpoint"] = new(500, 512 * KiB),
        ["gguf"] = new(1000, 512 * KiB),
        ["gguf-spec"] = new(1000, 512 * KiB),
        ["index"] = new(100, 256 * KiB),
        ["ir"] = new(1000, 512 * KiB),
        ["journal"] = new(100, 256 * KiB),
        ["json-lines"] = new(100, 256 * KiB),
        ["pipeline"] = new(1000, 512 * KiB),
        ["recipe"] = new(100, 256 * KiB),
        ["run-file"] = new(100, 256 * KiB),
        ["safetensors"] = new(100, 256 * KiB),
        ["safetensors-spec"] = new(1000, 512 * KiB),
        ["sensitivity"] = new(100, 256 * KiB),
        ["spec"] = new(2000, 1024 * KiB),
        ["token-ids"] = new(16, 64 * KiB),

        // A vocabulary has a place for every id up to the largest, of which there are 2^24.
        ["tokenizer"] = new(1000, 72 * 1024 * KiB),
        ["torch"] = new(200, 256 * KiB),
    };

    /// <summary>The bound of a target.</summary>
    public static MemoryBound Of(string target) => All[target];
}
