using BiMamba.Diagnostics;
using BiMamba.Formats.Bimb;
using BiMamba.IR;
using BiMamba.Tensors;

internal static class BimbExample
{
    public static void Print(string path, TextWriter output)
    {
        var diagnostics = new DiagnosticBag();
        using var file = BimbReader.Open(path, diagnostics);
        if (file is not null && BimbVerifier.VerifyHashes(file, diagnostics))
        {
            foreach (var row in file.Rows)
                output.WriteLine($"{row.Name}: {row.Encoding.Name()}{row.Shape}, {row.Size} bytes at {row.Offset}");
            var scales = file.Rows.First(row => row.Encoding == Encoding.F32).Data;
            output.WriteLine($"sum of the first in f32: {scales.ToSingles().Sum()}");
        }

        foreach (var diagnostic in diagnostics.Items)
            output.WriteLine(diagnostic);
    }
}
