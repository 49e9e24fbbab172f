using BiMamba.Diagnostics;
using BiMamba.Formats.Safetensors;
using BiMamba.Tensors;
using BiMamba.Testing;
using FsCheck;
using FsCheck.Fluent;

namespace BiMamba.Readers.Tests.Safetensors;

/// <summary>Whatever is written is read back equal.</summary>
public class SafetensorsRoundTripTests
{
    [Fact]
    public void Any_tensors_and_metadata_come_back()
    {
        var text = ArbMap.Default.GeneratorFor<string>().Select(s => IsUnicode(s) ? s : "plain");
        var tensor =
            from type in Gen.Elements(ElementTypes.All.Select(info => info.Type).ToArray())
            from dims in Gen.Choose(0, 4).ArrayOf(3)
            from rank in Gen.Choose(0, 3)
            from seed in Gen.Choose(0, 255)
            select (Tensor)Filled(type, Shape.Of([.. dims[..rank].Select(d => (long)d)]), seed);
        var named = Gen.Zip(text.Where(name => name is not "__metadata__"), tensor).ListOf().Select(list => list.DistinctBy(pair => pair.Item1, StringComparer.Ordinal).ToList());
        var metadata = Gen.Zip(text, text).ListOf().Select(list => list.DistinctBy(pair => pair.Item1, StringComparer.Ordinal).ToDictionary(pair => pair.Item1, pair => pair.Item2));
        var property = Prop.ForAll(Gen.Zip(Gen.Zip(named, metadata), Gen.Choose(1, 300)).ToArbitrary(), input => RoundTrips(input.Item1.Item1, input.Item1.Item2, input.Item2));
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(150).WithReplay(20_240_131, 7), property);
    }

    private static bool RoundTrips(List<(string Name, Tensor Tensor)> tensors, Dictionary<string, string> metadata, int maxShardBytes)
    {
        using var folder = new TemporaryFolder();
        var diagnostics = new DiagnosticBag();
        var pairs = tensors.ConvertAll(pair => KeyValuePair.Create(pair.Name, pair.Tensor));
        if (!SafetensorsWriter.Write(folder["x"], pairs, metadata, force: false, diagnostics, CancellationToken.None)
            || !SafetensorsWriter.WriteSharded(folder["y"], pairs, metadata, maxShardBytes, force: false, diagnostics, CancellationToken.None))
            return false;
        using var archive = SafetensorsReader.OpenFile(folder["x"], diagnostics);
        var index = Path.Combine(folder["y"], "model.safetensors.index.json");
        using var sharded = File.Exists(index)
            ? SafetensorsReader.OpenSharded(index, diagnostics)
            : SafetensorsReader.OpenFile(Path.Combine(folder["y"], "model.safetensors"), diagnostics);
        var read = SafetensorsReader.ReadMetadata(folder["x"], diagnostics);
        return diagnostics.Items.Count == 0 && Same(archive!, tensors) && Same(sharded!, tensors)
            && read!.Count == metadata.Count && metadata.All(pair => string.Equals(read[pair.Key], pair.Value, StringComparison.Ordinal));
    }

    private static bool Same(TensorArchive archive, List<(string Name, Tensor Tensor)> tensors) =>
        archive.Tensors.Count == tensors.Count && tensors.All(pair => archive.Tensors[pair.Name].Tensor.ContentEquals(pair.Tensor));

    private static MemoryTensor Filled(ElementType type, Shape shape, int seed) =>
        new(Enumerable.Range(0, (int)shape.Count * type.Size()).Select(i => (byte)(seed + (i * 31))).ToArray(), type, shape);

    private static bool IsUnicode(string? text) => text is not null && text.EnumerateRunes().All(rune => rune != System.Text.Rune.ReplacementChar);
}
