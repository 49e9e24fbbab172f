namespace BiMamba.Runtime.Calibration;

/// <summary>
/// Memory for one value of all samples, used again for the next value of the same width: fresh pages cost more than what is
/// written to them.
/// </summary>
internal sealed class SampleBuffers
{
    /// <summary>Bytes that are held at most. With the residual stream of a 2.7B model this stays below 3 GiB.</summary>
    public const long MostBytes = 1L << 30;

    private readonly Dictionary<(int Sample, int Length), float[]> buffers = [];
    private long bytes;

    /// <summary>A buffer of a sample; what was in the last one of this length is overwritten.</summary>
    public float[] Take(int sample, int length)
    {
        if (buffers.TryGetValue((sample, length), out var known))
            return known;
        if (bytes + ((long)length * sizeof(float)) > MostBytes)
        {
            buffers.Clear();
            bytes = 0;
        }

        bytes += (long)length * sizeof(float);
        return buffers[(sample, length)] = new float[length];
    }
}
