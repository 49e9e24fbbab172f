using BiMamba.Diagnostics;

namespace BiMamba.Fuzz.Tests.Harness;

/// <summary>What a case may allocate on its thread: a multiple of its bytes and a constant.</summary>
/// <param name="PerByte">Bytes for every byte of the input.</param>
/// <param name="Constant">Bytes beside it.</param>
internal sealed record MemoryBound(int PerByte, long Constant)
{
    /// <summary>The most bytes of a case.</summary>
    public long Of(long length) => Constant + (PerByte * length);
}

/// <summary>A parser under test: good inputs, how they are broken, and what is done with them. Keeps nothing from case to case.</summary>
internal abstract class FuzzTarget
{
    /// <summary>Its name in messages, in <c>BIMAMBA_FUZZ_TARGET</c> and in the table of bounds.</summary>
    public abstract string Name { get; }

    /// <summary>The ending of its files, with the dot.</summary>
    public abstract string Extension { get; }

    /// <summary>Good inputs; the first case of each is the input itself.</summary>
    public abstract IReadOnlyList<byte[]> Seeds { get; }

    /// <summary>A broken input.</summary>
    public abstract byte[] Mutate(FuzzRandom random);

    /// <summary>
    /// Parses an input and, where it is accepted, uses the result as a command would: all bytes of all tensors are read.
    /// </summary>
    /// <returns>True where the parser accepted it. Then no error may be in the bag; otherwise one must be.</returns>
    public abstract bool Accepts(FuzzInput input, DiagnosticBag diagnostics);
}
