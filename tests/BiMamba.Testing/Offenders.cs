namespace BiMamba.Testing;

/// <summary>Rules that nothing in the repository may break.</summary>
public static class Offenders
{
    /// <summary>Fails with a line for each offender.</summary>
    public static void None<T>(IEnumerable<T> offenders)
    {
        var lines = offenders.Select(offender => $"{offender}").ToArray();
        Assert.True(lines.Length == 0, $"{lines.Length} break the rule:\n{string.Join('\n', lines)}");
    }
}
