namespace BiMamba.FileTests.Cases;

/// <summary>A case file that does not follow its form.</summary>
/// <param name="line">The line, from 1.</param>
/// <param name="message">What is wrong and what is expected.</param>
internal sealed class CaseException(int line, string message) : Exception(message)
{
    /// <summary>The line, from 1.</summary>
    public int Line { get; } = line;
}
