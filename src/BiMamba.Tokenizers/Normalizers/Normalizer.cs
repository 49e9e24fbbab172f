using System.Buffers;

namespace BiMamba.Tokenizers.Normalizers;

/// <summary>One step that changes the text before it is split.</summary>
internal abstract class Normalizer
{
    /// <summary>False where <see cref="Normalize"/> would give the text itself; may say true without need.</summary>
    public abstract bool MayChange(ReadOnlySpan<byte> utf8);

    /// <summary>Appends the changed text. Bytes that are not UTF-8 pass as they are.</summary>
    public abstract void Normalize(ReadOnlySpan<byte> utf8, ArrayBufferWriter<byte> output);
}
