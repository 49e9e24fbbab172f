using BiMamba.Tensors;

namespace BiMamba.Formats.Spec;

/// <summary>Bytes of a file at any offset.</summary>
public abstract class SpecSource
{
    /// <summary>What diagnostics name as the file.</summary>
    public abstract string Name { get; }

    /// <summary>Bytes of the file.</summary>
    public abstract long Length { get; }

    /// <summary>Bytes at an offset; the range lies inside the file.</summary>
    public abstract ReadOnlySpan<byte> Span(long offset, int length);

    /// <summary>A mapped file, which must outlive what is read from it.</summary>
    public static SpecSource Of(FileMap map) => new Mapped(map);

    /// <summary>Bytes in memory.</summary>
    public static SpecSource Of(string name, ReadOnlyMemory<byte> bytes) => new Memory(name, bytes);

    private sealed class Mapped(FileMap map) : SpecSource
    {
        public override string Name => map.Path;

        public override long Length => map.Length;

        public override ReadOnlySpan<byte> Span(long offset, int length) => map.Copy(offset, length);
    }

    private sealed class Memory(string name, ReadOnlyMemory<byte> bytes) : SpecSource
    {
        public override string Name => name;

        public override long Length => bytes.Length;

        public override ReadOnlySpan<byte> Span(long offset, int length) => bytes.Span.Slice(checked((int)offset), length);
    }
}
