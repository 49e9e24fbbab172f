namespace BiMamba.Toolchain;

/// <summary>The data that calibrated passes look at. The defaults are those of <c>bimambac convert</c>.</summary>
/// <param name="Text">A text or a file of ids (.npy, .ids, .json).</param>
public sealed record CalibrationOptions(string Text)
{
    /// <summary>Windows of the text, at least 1; 128 unless said otherwise.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is less than 1.</exception>
    public int Samples { get; init => field = Limits.InRange(value, 1, int.MaxValue); } = 128;

    /// <summary>Tokens of a window, at least 1; 2048 unless said otherwise.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is less than 1.</exception>
    public int SequenceLength { get; init => field = Limits.InRange(value, 1, int.MaxValue); } = 2048;

    /// <summary>Seed of the choice of windows, from 0, as Python's random draws them.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative.</exception>
    public int Seed { get; init => field = Limits.InRange(value, 0, int.MaxValue); }
}
