using BiMamba.Diagnostics;
using BiMamba.Formats.Spec;
using BiMamba.Text;

namespace BiMamba.Formats.Bimb;

/// <summary>The description of <c>.bimb</c> files.</summary>
public static class BimbFormat
{
    /// <summary>File extension.</summary>
    public const string Extension = ".bimb";

    private static readonly Lazy<SpecFormat> Parsed = new(Parse);

    /// <summary>The parsed <c>bimb.spec</c>.</summary>
    public static SpecFormat Spec => Parsed.Value;

    /// <summary>The text of <c>bimb.spec</c>.</summary>
    public static string SpecText
    {
        get
        {
            using var stream = typeof(BimbFormat).Assembly.GetManifestResourceStream("bimb.spec")
                ?? throw new InvalidOperationException("bimb.spec is not embedded");
            using var reader = new StreamReader(stream);
            return reader.ReadToEnd();
        }
    }

    /// <summary>The constant of a name.</summary>
    internal static long Constant(string name) =>
        Spec.FindConstant(name)?.Value ?? throw new InvalidOperationException($"bimb.spec has no constant '{name}'");

    private static SpecFormat Parse()
    {
        var diagnostics = new DiagnosticBag();
        return SpecParser.Parse(new SourceText("bimb.spec", SpecText), diagnostics)
            ?? throw new InvalidOperationException(string.Join('\n', diagnostics.Items));
    }
}
