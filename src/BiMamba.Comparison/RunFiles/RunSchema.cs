namespace BiMamba.Comparison.RunFiles;

/// <summary>The JSON schema of run files.</summary>
public static class RunSchema
{
    /// <summary>Its text.</summary>
    public static string Text
    {
        get
        {
            using var reader = new StreamReader(typeof(RunSchema).Assembly.GetManifestResourceStream("BiMamba.Comparison.compare.schema.json")!);
            return reader.ReadToEnd();
        }
    }
}
