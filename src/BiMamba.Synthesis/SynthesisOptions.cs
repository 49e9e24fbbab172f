using System.Collections.Immutable;
using System.Globalization;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Tensors;

namespace BiMamba.Synthesis;

/// <summary>What to synthesize. Equal options give equal bytes.</summary>
/// <param name="Architecture">The architecture.</param>
/// <param name="Size">The size.</param>
public sealed record SynthesisOptions(Architecture Architecture, ModelSize Size)
{
    /// <summary>Entries of the GPT-NeoX vocabulary, with which the official float checkpoints are trained.</summary>
    public const int DefaultVocabulary = 50_277;

    /// <summary>The most entries of a vocabulary: the padded rows fit 31 bits.</summary>
    public const int MaxVocabulary = int.MaxValue - 15;

    /// <summary>The limit of a shard.</summary>
    public const long DefaultShardBytes = 5_000_000_000;

    /// <summary>The element types that can be asked for; the first is the default.</summary>
    public static ImmutableArray<ElementType> Types { get; } = [ElementType.F16, ElementType.BF16, ElementType.F32];

    /// <summary>Entries of the vocabulary, 1 to <see cref="MaxVocabulary"/>; the rows are padded to the multiple of the architecture.</summary>
    public int Vocabulary { get; init; } = DefaultVocabulary;

    /// <summary>The seed of all weights.</summary>
    public ulong Seed { get; init; }

    /// <summary>The type of all tensors, one of <see cref="Types"/>.</summary>
    public ElementType Type { get; init; } = ElementType.F16;

    /// <summary>The most bytes of tensors in one shard, from 1.</summary>
    public long MaxShardBytes { get; init; } = DefaultShardBytes;

    /// <summary>Options from the words of a command line.</summary>
    /// <param name="architecture">A word of <see cref="Synthesis.Architecture.All"/>.</param>
    /// <param name="size">A word of <see cref="ModelSize.All"/>.</param>
    /// <param name="vocabulary">Entries of the vocabulary, or null for <see cref="DefaultVocabulary"/>.</param>
    /// <param name="seed">The seed.</param>
    /// <param name="type">The name of an element type of <see cref="Types"/>, or null for the default.</param>
    /// <param name="diagnostics">Receives a row of <see cref="SynthesisDiagnostics"/> for each wrong value.</param>
    /// <returns>The options, or null after an error.</returns>
    public static SynthesisOptions? Create(string architecture, string size, int? vocabulary, ulong seed, string? type, DiagnosticBag diagnostics)
    {
        var found = new DiagnosticBag();
        var family = Synthesis.Architecture.Find(architecture);
        if (family is null)
            found.Add(SynthesisDiagnostics.UnknownArchitecture, $"expected {Words(Synthesis.Architecture.All.Select(row => row.Word))}, found '{architecture}'", new Place(Field: "--arch"));
        var row = ModelSize.Find(family ?? Synthesis.Architecture.Mamba, size);
        if (row is null)
            found.Add(SynthesisDiagnostics.UnknownSize, $"expected {Words(ModelSize.All.Select(known => known.Word))}, found '{size}'", new Place(Field: "--size"));
        var entries = vocabulary ?? DefaultVocabulary;
        if (entries is < 1 or > MaxVocabulary)
            found.Add(SynthesisDiagnostics.Vocabulary, $"expected 1 to {MaxVocabulary.ToString(CultureInfo.InvariantCulture)} entries, found {entries.ToString(CultureInfo.InvariantCulture)}", new Place(Field: "--vocab"));
        var element = type is null ? 0 : Types.Select(known => known.Name()).ToList().IndexOf(type);
        if (element < 0)
            found.Add(SynthesisDiagnostics.UnknownType, $"expected {Words(Types.Select(known => known.Name()))}, found '{type}'", new Place(Field: "--dtype"));
        diagnostics.AddRange(found);
        return found.HasErrors ? null : new SynthesisOptions(family!, row!) { Vocabulary = entries, Seed = seed, Type = Types[element] };
    }

    private static string Words(IEnumerable<string> words) => string.Join(" | ", words);
}
