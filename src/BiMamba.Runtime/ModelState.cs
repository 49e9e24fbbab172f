namespace BiMamba.Runtime;

/// <summary>
/// The state that a sequence carries: for every convolution its last inputs [width - 1, channels], for every scan its
/// state, all fp32. Starts at zero.
/// </summary>
public sealed class ModelState
{
    internal ModelState(IEnumerable<int> lengths) => Buffers = [.. lengths.Select(length => new float[length])];

    internal float[][] Buffers { get; }

    /// <summary>Bytes of the state.</summary>
    public long ByteLength => Buffers.Sum(buffer => (long)buffer.Length * sizeof(float));

    /// <summary>Back to the start of a sequence.</summary>
    public void Reset()
    {
        foreach (var buffer in Buffers)
            Array.Clear(buffer);
    }
}
