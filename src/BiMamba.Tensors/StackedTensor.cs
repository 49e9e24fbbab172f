using System.Collections.Immutable;

namespace BiMamba.Tensors;

/// <summary>Tensors one below the other, along the first dimension: a view that copies nothing until it is read.</summary>
public sealed class StackedTensor : Tensor
{
    private readonly ImmutableArray<Tensor> parts;
    private readonly ImmutableArray<long> ends;

    /// <summary>A view of tensors of one element type whose shapes differ in the first dimension only.</summary>
    /// <exception cref="ArgumentException">There is no tensor, or they do not fit.</exception>
    public StackedTensor(params ReadOnlySpan<Tensor> parts)
        : base(Common(parts).Type, Stack(parts), parts)
    {
        this.parts = [.. parts];
        var sum = 0L;
        ends = [.. this.parts.Select(part => sum += part.ByteLength)];
    }

    /// <inheritdoc/>
    public override void Read(long offset, Span<byte> destination)
    {
        CheckRange(offset, destination.Length);
        for (var i = Part(offset); destination.Length > 0; i++)
        {
            var first = ends[i] - parts[i].ByteLength;
            var count = (int)Math.Min(destination.Length, ends[i] - offset);
            parts[i].Read(offset - first, destination[..count]);
            destination = destination[count..];
            offset += count;
        }
    }

    /// <inheritdoc/>
    public override bool TryGetSpan(long offset, int length, out ReadOnlySpan<byte> span)
    {
        CheckRange(offset, length);
        var i = Part(offset);
        if (i < parts.Length && offset + length <= ends[i])
            return parts[i].TryGetSpan(offset - (ends[i] - parts[i].ByteLength), length, out span);
        span = default;
        return false;
    }

    /// <inheritdoc/>
    public override bool IsSameStorage(Tensor other) =>
        other is StackedTensor stack && stack.parts.Length == parts.Length && parts.Zip(stack.parts).All(pair => pair.First.IsSameStorage(pair.Second));

    /// <summary>Index of the part that holds the byte at an offset; the number of parts at the end.</summary>
    private int Part(long offset)
    {
        var i = 0;
        while (i < parts.Length && offset >= ends[i])
            i++;
        return i;
    }

    private static Tensor Common(ReadOnlySpan<Tensor> parts)
    {
        if (parts.IsEmpty)
            throw new ArgumentException("expected at least one tensor", nameof(parts));
        foreach (var part in parts)
        {
            if (part.Type != parts[0].Type || part.Shape.Rank == 0 || !part.Shape.Dims.AsSpan()[1..].SequenceEqual(parts[0].Shape.Dims.AsSpan()[1..]))
                throw new ArgumentException($"{part.Type.Name()}{part.Shape} does not stand below {parts[0].Type.Name()}{parts[0].Shape}", nameof(parts));
        }

        return parts[0];
    }

    private static Shape Stack(ReadOnlySpan<Tensor> parts)
    {
        var rows = 0L;
        foreach (var part in parts)
            rows = checked(rows + part.Shape[0]);
        return Shape.Of([rows, .. parts[0].Shape.Dims[1..]]);
    }
}
