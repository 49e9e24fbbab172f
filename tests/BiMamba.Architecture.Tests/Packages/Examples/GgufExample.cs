using BiMamba.Diagnostics;
using BiMamba.Formats.Gguf;
using BiMamba.Tensors;

internal static class GgufExample
{
    public static void Write(string path, TextWriter output)
    {
        float[] values = [.. Enumerable.Range(0, 64).Select(i => i / 64f)];
        var tensor = new GgufTensor("blk.0.weight", GgmlType.Q8, MemoryTensor.Of(values, Shape.Of(2, 32)));
        var diagnostics = new DiagnosticBag();
        KeyValuePair<string, GgufValue>[] metadata = [new("general.architecture", "mamba2"), new("mamba2.block_count", 1u)];
        if (GgufWriter.Write(path, metadata, [tensor], force: false, diagnostics, CancellationToken.None))
            output.WriteLine($"{tensor.Name}: {tensor.Type.Name}{tensor.Source.Shape} in {tensor.ByteLength} bytes");
        foreach (var diagnostic in diagnostics.Items)
            output.WriteLine(diagnostic);
    }
}
