using System.Buffers.Binary;
using System.Text;
using BiMamba.Diagnostics;
using BiMamba.Formats.Safetensors;
using BiMamba.Fuzz.Tests.Harness;
using BiMamba.Fuzz.Tests.Mutation;

namespace BiMamba.Fuzz.Tests.Targets;

/// <summary>safetensors files: the header as a tree of JSON with its length made right, or the bytes of the whole file.</summary>
internal sealed class SafetensorsTarget : FuzzTarget
{
    private static readonly string[] Headers =
    [
        """{"__metadata__":{"format":"pt"},"a":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]},"b.c":{"dtype":"BF16","shape":[3],"data_offsets":[24,30]},"d":{"dtype":"U8","shape":[],"data_offsets":[30,31]},"e":{"dtype":"F16","shape":[0,4],"data_offsets":[31,31]}}""",
        """{"é":{"dtype":"I64","shape":[1,1,1,1,2],"data_offsets":[0,16]},"z":{"dtype":"F64","shape":[2],"data_offsets":[16,32]}}   """,
        """{"w":{"dtype":"BOOL","shape":[9223372036854775807,0],"data_offsets":[0,0]}}""",
        "{}",
    ];

    private static readonly int[] DataLengths = [31, 32, 0, 0];

    private static readonly string[] Words =
    [
        "\"__metadata__\"", "\"a\"", "\"b.c\"", "\"dtype\"", "\"shape\"", "\"data_offsets\"", "\"F32\"", "\"BF16\"", "\"F64\"", "\"U8\"", "\"F8_E4M3\"", "\"I64\"", "[0,24]", "[24,0]", "[0,0]", "[31,32]", "[2,3]", "[6]",
        "[2147483648,2147483648]", "[4294967296,4294967296,4]", "[1,1,1,1,1,1,1,1,1]", "[0,9223372036854775807,2]",
    ];

    private readonly JsonTree[] trees = [.. Headers.Select(header => JsonTree.Parse(Encoding.UTF8.GetBytes(header)))];

    /// <inheritdoc/>
    public override string Name => "safetensors";

    /// <inheritdoc/>
    public override string Extension => ".safetensors";

    /// <inheritdoc/>
    public override IReadOnlyList<byte[]> Seeds { get; } = [.. Headers.Select((header, i) => File(Encoding.UTF8.GetBytes(header), DataLengths[i])), SpecSeed.Golden("safetensors")];

    /// <inheritdoc/>
    public override byte[] Mutate(FuzzRandom random)
    {
        if (random.OneIn(3))
            return ByteMutator.Mutate(random, random.Pick(Seeds), [new FieldSpan(0, 8)], Seeds);
        var seed = random.Below(trees.Length);
        var file = File(JsonMutator.Mutate(random, trees[seed], Words), random.OneIn(8) ? random.Below(64) : DataLengths[seed]);
        if (random.OneIn(20))
            BinaryPrimitives.WriteUInt64LittleEndian(file, ByteMutator.Boundary(random));
        return file;
    }

    /// <inheritdoc/>
    public override bool Accepts(FuzzInput input, DiagnosticBag diagnostics)
    {
        var path = input.Write();
        using var archive = SafetensorsReader.OpenFile(path, diagnostics);
        if (archive is null)
            return false;
        foreach (var (tensor, _) in archive.Tensors.Values)
            input.ReadAll(tensor);
        Assert.NotNull(SafetensorsReader.ReadMetadata(path, diagnostics));
        return true;
    }

    private static byte[] File(byte[] header, int dataLength)
    {
        var file = new byte[8 + header.Length + dataLength];
        BinaryPrimitives.WriteInt64LittleEndian(file, header.Length);
        header.CopyTo(file, 8);
        for (var i = 0; i < dataLength; i++)
            file[8 + header.Length + i] = (byte)i;
        return file;
    }
}

/// <summary>Runs <see cref="SafetensorsTarget"/>.</summary>
public sealed class SafetensorsTests : FuzzTests
{
    private protected override FuzzTarget Target { get; } = new SafetensorsTarget();
}
