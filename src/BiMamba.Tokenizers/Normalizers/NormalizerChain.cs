using System.Buffers;
using BiMamba.Tokenizers.Models;

namespace BiMamba.Tokenizers.Normalizers;

/// <summary>Normalizers one after the other.</summary>
internal sealed class NormalizerChain(IReadOnlyList<Normalizer> steps)
{
    /// <summary>Normalizes a text.</summary>
    /// <returns>The text itself, or the result in a buffer of <paramref name="scratch"/>, valid until the next call.</returns>
    public ReadOnlySpan<byte> Apply(ReadOnlySpan<byte> utf8, EncodeScratch scratch)
    {
        foreach (var step in steps)
        {
            if (!step.MayChange(utf8))
                continue;
            var output = scratch.Texts.Next;
            output.ResetWrittenCount();
            step.Normalize(utf8, output);
            scratch.SwapTexts();
            utf8 = output.WrittenSpan;
        }

        return utf8;
    }

    /// <summary>Normalizes a short text into an array of its own.</summary>
    public byte[] Apply(byte[] utf8)
    {
        foreach (var step in steps)
        {
            var output = new ArrayBufferWriter<byte>();
            step.Normalize(utf8, output);
            utf8 = output.WrittenSpan.ToArray();
        }

        return utf8;
    }
}
