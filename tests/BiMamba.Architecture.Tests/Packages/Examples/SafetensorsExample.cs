using BiMamba.Diagnostics;
using BiMamba.Formats.Safetensors;
using BiMamba.Tensors;

internal static class SafetensorsExample
{
    public static void Print(string path, TextWriter output)
    {
        var diagnostics = new DiagnosticBag();
        using var archive = SafetensorsReader.OpenFile(path, diagnostics);
        foreach (var diagnostic in diagnostics.Items)
            output.WriteLine(diagnostic);
        if (archive is null)
            return;
        foreach (var (name, entry) in archive.Tensors)
            output.WriteLine($"{name}: {entry.Tensor.Type.Name()}{entry.Tensor.Shape}");
        var first = archive.Tensors.Values.First().Tensor;
        output.WriteLine($"sum of the first: {first.ToSingles().Sum()}");
    }
}
