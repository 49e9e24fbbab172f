using BiMamba.Diagnostics;
using BiMamba.Formats.Spec;
using BiMamba.Fuzz.Tests.Harness;
using BiMamba.Fuzz.Tests.Mutation;

namespace BiMamba.Fuzz.Tests.Targets;

/// <summary>Files of a format that a spec describes, read by the spec and shown as <c>inspect</c> shows them; broken files are shown too.</summary>
/// <param name="row">The format.</param>
internal sealed class SpecTarget(FormatRow row) : FuzzTarget
{
    private readonly SpecSeed seed = new(row.Spec, SpecSeed.Golden(row.Name));

    /// <inheritdoc/>
    public override string Name => row.Name + "-spec";

    /// <inheritdoc/>
    public override string Extension => row.Extension;

    /// <inheritdoc/>
    public override IReadOnlyList<byte[]> Seeds => [seed.Bytes];

    /// <inheritdoc/>
    public override byte[] Mutate(FuzzRandom random)
    {
        var bytes = ByteMutator.Mutate(random, seed.Bytes, seed.Fields, Seeds);
        // Without right hashes nothing behind the first section of a .bimb file is looked at.
        if (row == FormatTable.Bimb && !random.OneIn(8))
            seed.Rehash(bytes);
        return bytes;
    }

    /// <inheritdoc/>
    public override bool Accepts(FuzzInput input, DiagnosticBag diagnostics)
    {
        var source = SpecSource.Of("input", input.Bytes);
        var tree = SpecReader.Read(row.Spec, source, diagnostics);
        // Showing takes longer than reading: one file in four is shown.
        if (input.Bytes.Sum(value => value) % 4 != 0)
            return !diagnostics.HasErrors;
        foreach (var line in SpecInspector.Print(tree))
            Assert.NotNull(line);
        foreach (var line in SpecInspector.Hex(tree, source))
            Assert.NotNull(line);
        return !diagnostics.HasErrors;
    }
}

/// <summary>Runs <see cref="SpecTarget"/> over GGUF files.</summary>
public sealed class GgufSpecTests : FuzzTests
{
    private protected override FuzzTarget Target { get; } = new SpecTarget(FormatTable.Gguf);
}

/// <summary>Runs <see cref="SpecTarget"/> over <c>.bimb</c> files.</summary>
public sealed class BimbSpecTests : FuzzTests
{
    private protected override FuzzTarget Target { get; } = new SpecTarget(FormatTable.Bimb);
}

/// <summary>Runs <see cref="SpecTarget"/> over safetensors files.</summary>
public sealed class SafetensorsSpecTests : FuzzTests
{
    private protected override FuzzTarget Target { get; } = new SpecTarget(FormatTable.Safetensors);
}
