using System.Text;
using BiMamba.Diagnostics;
using BiMamba.Formats.Safetensors;
using BiMamba.Formats.TorchPickle;
using BiMamba.Fuzz.Tests.Harness;
using BiMamba.Fuzz.Tests.Mutation;

namespace BiMamba.Fuzz.Tests.Targets;

/// <summary>The index of a sharded checkpoint, with its shards beside it and files that no index may reach.</summary>
internal sealed class IndexTarget : FuzzTarget
{
    private const string First = """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"U8","shape":[4],"data_offsets":[8,12]}}""";
    private const string Second = """{"c":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""";

    private static readonly string[] Words =
    [
        "\"weight_map\"", "\"metadata\"", "\"total_size\"", "\"a\"", "\"b\"", "\"c\"", "\"m-1.safetensors\"", "\"m-2.safetensors\"", "\"m-3.safetensors\"", "\"../m-1.safetensors\"", "\"/dev/zero\"", "\"/dev/stdin\"", "\".\"", "\"..\"",
        "\"input.json\"", "\"m-1.safetensors\\u0000\"", "\"C:m-1.safetensors\"", "16", "16.0", "17",
    ];

    private readonly JsonTree tree = JsonTree.Parse(Index);

    private static byte[] Index => """{"metadata":{"total_size":16,"format":"pt"},"weight_map":{"a":"m-1.safetensors","b":"m-1.safetensors","c":"m-2.safetensors"}}"""u8.ToArray();

    /// <inheritdoc/>
    public override string Name => "index";

    /// <inheritdoc/>
    public override string Extension => ".json";

    /// <inheritdoc/>
    public override IReadOnlyList<byte[]> Seeds { get; } = [Index];

    /// <inheritdoc/>
    public override byte[] Mutate(FuzzRandom random) => JsonMutator.Mutate(random, tree, Words);

    /// <inheritdoc/>
    public override bool Accepts(FuzzInput input, DiagnosticBag diagnostics)
    {
        Shard(input.Folder, "m-1.safetensors", First, 12);
        Shard(input.Folder, "m-2.safetensors", Second, 4);
        var path = input.Write();
        using var torch = TorchReader.OpenSharded(path, new DiagnosticBag());
        using var archive = SafetensorsReader.OpenSharded(path, diagnostics);
        if (archive is null)
            return false;
        foreach (var (tensor, _) in archive.Tensors.Values)
            input.ReadAll(tensor);
        Assert.All(archive.Files, file => Assert.Equal(input.Folder, Path.GetDirectoryName(file)));
        return true;
    }

    private static void Shard(string folder, string name, string header, int length)
    {
        var path = Path.Combine(folder, name);
        if (!File.Exists(path))
            File.WriteAllBytes(path, [.. BitConverter.GetBytes((long)header.Length), .. Encoding.UTF8.GetBytes(header), .. new byte[length]]);
    }
}

/// <summary>Runs <see cref="IndexTarget"/>.</summary>
public sealed class IndexTests : FuzzTests
{
    private protected override FuzzTarget Target { get; } = new IndexTarget();
}
