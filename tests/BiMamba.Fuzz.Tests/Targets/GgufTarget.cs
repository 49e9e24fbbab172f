using BiMamba.Diagnostics;
using BiMamba.Formats.Gguf;
using BiMamba.Formats.Spec;
using BiMamba.Fuzz.Tests.Harness;
using BiMamba.Fuzz.Tests.Mutation;

namespace BiMamba.Fuzz.Tests.Targets;

/// <summary>GGUF files by their reader: every value of the metadata and every tensor that it decodes.</summary>
internal sealed class GgufTarget : FuzzTarget
{
    private readonly SpecSeed seed = new(FormatTable.Gguf.Spec, SpecSeed.Golden(FormatTable.Gguf.Name));

    /// <inheritdoc/>
    public override string Name => "gguf";

    /// <inheritdoc/>
    public override string Extension => FormatTable.Gguf.Extension;

    /// <inheritdoc/>
    public override IReadOnlyList<byte[]> Seeds => [seed.Bytes];

    /// <inheritdoc/>
    public override byte[] Mutate(FuzzRandom random) => ByteMutator.Mutate(random, seed.Bytes, seed.Fields, Seeds);

    /// <inheritdoc/>
    public override bool Accepts(FuzzInput input, DiagnosticBag diagnostics)
    {
        using var file = GgufReader.Open(input.Write(), diagnostics);
        if (file is null)
            return false;
        foreach (var (_, value) in file.Metadata)
            Read(value);
        foreach (var entry in file.Tensors.Where(entry => entry.Tensor is not null))
            input.ReadAll(entry.Tensor!);
        return true;
    }

    private static void Read(GgufValue value)
    {
        _ = (value.AsText(), value.AsInteger(), value.AsNumber(), value.AsTruth());
        foreach (var item in value.AsArray() ?? Enumerable.Empty<GgufValue>())
            Read(item);
    }
}

/// <summary>Runs <see cref="GgufTarget"/>.</summary>
public sealed class GgufTests : FuzzTests
{
    private protected override FuzzTarget Target { get; } = new GgufTarget();
}
