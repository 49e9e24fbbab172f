namespace BiMamba.Diagnostics;

/// <summary>The documented exit codes of every command.</summary>
public enum ExitCode
{
    /// <summary>The command did what was asked.</summary>
    Ok = 0,

    /// <summary>A bug in the toolchain.</summary>
    Internal = 1,

    /// <summary>The command line is wrong: parse errors, conflicting options, a comparison that has no meaning.</summary>
    Usage = 2,

    /// <summary>An input is missing or cannot be read.</summary>
    InputMissing = 3,

    /// <summary>An input is malformed, truncated, hostile or inconsistent, or an id is outside the vocabulary.</summary>
    Malformed = 4,

    /// <summary>An architecture, legacy file, encoding or version is not supported.</summary>
    Unsupported = 5,

    /// <summary>A hash or a verification differs.</summary>
    VerificationFailed = 6,

    /// <summary>A quality gate failed.</summary>
    QualityGate = 7,

    /// <summary>Not enough data or memory, for example a text shorter than a window.</summary>
    NotEnough = 8,

    /// <summary>The output exists, equals the input or cannot be written.</summary>
    OutputRefused = 9,

    /// <summary>Cancelled by the user.</summary>
    Cancelled = 130,
}
