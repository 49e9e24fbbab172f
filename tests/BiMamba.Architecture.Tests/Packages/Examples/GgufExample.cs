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
        GgufWriter.Write(path, metadata, [tensor], force: false, diagnostics, CancellationToken.None);
        using var file = GgufReader.Open(path, diagnostics);
        output.WriteLine($"architecture {file?.Find("general.architecture")?.AsText()}");
        foreach (var entry in file?.Tensors ?? [])
            output.WriteLine($"{entry.Name}: {entry.Layout.Name}{entry.Shape}, element 32 is {entry.Tensor!.ToSingles()[32]:0.00}");
        foreach (var diagnostic in diagnostics.Items)
            output.WriteLine(diagnostic);
    }
}
