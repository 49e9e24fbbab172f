using System.Text;
using BiMamba.Diagnostics;
using BiMamba.Fuzz.Tests.Harness;
using BiMamba.Fuzz.Tests.Mutation;

namespace BiMamba.Fuzz.Tests.Targets;

/// <summary>A file of JSON, changed as a tree.</summary>
/// <param name="name">Its name.</param>
/// <param name="seeds">Good documents.</param>
/// <param name="words">Texts that mean something to the parser, as JSON.</param>
internal abstract class JsonTarget(string name, IReadOnlyList<string> seeds, params string[] words) : FuzzTarget
{
    private readonly JsonTree[] trees = [.. seeds.Select(seed => JsonTree.Parse(Encoding.UTF8.GetBytes(seed)))];

    /// <inheritdoc/>
    public override string Name => name;

    /// <inheritdoc/>
    public override string Extension => ".json";

    /// <inheritdoc/>
    public override IReadOnlyList<byte[]> Seeds { get; } = [.. seeds.Select(Encoding.UTF8.GetBytes)];

    /// <inheritdoc/>
    public override byte[] Mutate(FuzzRandom random) => JsonMutator.Mutate(random, random.Pick(trees), words);

    /// <summary>True where a reader gave a reason that says something, as readers do that have no bag.</summary>
    protected static bool Accepted(object? result, string? reason, DiagnosticBag diagnostics)
    {
        if (result is not null)
            return true;
        Assert.False(string.IsNullOrEmpty(reason));
        diagnostics.Add(BiMamba.Diagnostics.Tables.InputDiagnostics.Unreadable, reason, Place.None);
        return false;
    }
}
