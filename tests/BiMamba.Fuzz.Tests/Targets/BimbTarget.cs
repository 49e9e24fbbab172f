using BiMamba.Diagnostics;
using BiMamba.Formats.Bimb;
using BiMamba.Fuzz.Tests.Harness;
using BiMamba.Fuzz.Tests.Mutation;
using BiMamba.IR;

namespace BiMamba.Fuzz.Tests.Targets;

/// <summary><c>.bimb</c> files, opened as a model; hashes are made right in most cases, so that the values themselves are judged.</summary>
internal sealed class BimbTarget : FuzzTarget
{
    private readonly SpecSeed seed = new(BimbFormat.Spec, SpecSeed.Golden("bimb"));

    /// <inheritdoc/>
    public override string Name => "bimb";

    /// <inheritdoc/>
    public override string Extension => BimbFormat.Extension;

    /// <inheritdoc/>
    public override IReadOnlyList<byte[]> Seeds => [seed.Bytes];

    /// <inheritdoc/>
    public override byte[] Mutate(FuzzRandom random)
    {
        var bytes = ByteMutator.Mutate(random, seed.Bytes, seed.Fields, Seeds);
        if (!random.OneIn(8))
            seed.Rehash(bytes);
        return bytes;
    }

    /// <inheritdoc/>
    public override bool Accepts(FuzzInput input, DiagnosticBag diagnostics)
    {
        using var file = BimbReader.Open(input.Write(), diagnostics);
        if (file is null)
            return false;
        foreach (var tensor in file.Rows)
            input.ReadAll(tensor.Data);
        Assert.NotEmpty(IrPrinter.Print(file.Module));
        var found = new DiagnosticBag();
        var verified = BimbVerifier.VerifyHashes(file, found) & BimbVerifier.VerifyIndices(file, found);
        Assert.Equal(verified, !found.HasErrors);
        return true;
    }
}

/// <summary>Runs <see cref="BimbTarget"/>.</summary>
public sealed class BimbTests : FuzzTests
{
    private protected override FuzzTarget Target { get; } = new BimbTarget();
}
