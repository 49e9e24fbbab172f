namespace BiMamba.Diagnostics;

/// <summary>How much a diagnostic matters.</summary>
public enum Severity
{
    /// <summary>Something worth knowing.</summary>
    Note,

    /// <summary>The work goes on, but the user should look.</summary>
    Warning,

    /// <summary>The work stops.</summary>
    Error,
}
