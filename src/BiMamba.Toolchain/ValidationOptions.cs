namespace BiMamba.Toolchain;

/// <summary>The comparison of a written file with its source, by protocol gptq and the reference engine.</summary>
/// <param name="Text">A text, or token ids.</param>
public sealed record ValidationOptions(string Text)
{
    /// <summary>Tokens of a window, at least 2; null, the default, for 2048.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is less than 2.</exception>
    public int? Context { get; init => field = Limits.InRange(value, 2, int.MaxValue); }

    /// <summary>Windows from the beginning of the text, at least 1; null, the default, for all.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is less than 1.</exception>
    public int? MaxWindows { get; init => field = Limits.InRange(value, 1, int.MaxValue); }
}
