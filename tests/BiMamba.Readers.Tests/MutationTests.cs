using BiMamba.Diagnostics;
using BiMamba.Formats.Safetensors;
using BiMamba.Formats.TorchPickle;
using BiMamba.Readers.Tests.Building;
using BiMamba.Tensors;
using BiMamba.Testing;
using BiMamba.Testing.Building;

namespace BiMamba.Readers.Tests;

/// <summary>Damaged files: opening never throws, an error always has a diagnostic, and no tensor lies outside the file.</summary>
public class MutationTests
{
    private const int Mutations = 4000;

    [Fact]
    public void Damaged_safetensors_files_are_refused_or_sound()
    {
        var valid = SafetensorsBytes.Of(
            """{"__metadata__":{"format":"pt"},"a":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]},"b.c":{"dtype":"BF16","shape":[3],"data_offsets":[24,30]},"d":{"dtype":"U8","shape":[],"data_offsets":[30,31]}}  """,
            [.. Enumerable.Range(0, 31).Select(i => (byte)i)]);
        Mutate(valid, SafetensorsReader.OpenFile, 1);
    }

    [Fact]
    public void Damaged_torch_files_are_refused_or_sound()
    {
        var pickle = new PickleBuilder().Op('}').Op('(')
            .Text("module.a").Tensor("FloatStorage", "0", 4, 0, [2, 2], [2, 1])
            .Text("t").Tensor("FloatStorage", "0", 4, 0, [2, 2], [1, 2])
            .Text("e").Tensor("HalfStorage", "1", 8, 3, [5, 4], [1, 0])
            .Text("n").Op('}').Text("x").Tensor("LongStorage", "0", 2, 1, [1], [1]).Op('s').Op('u').Stop();
        var valid = TorchBytes.OfStorages(pickle, ("0", TorchBytes.FourFloats()), ("1", TorchBytes.FourFloats()));
        Mutate(valid, TorchReader.OpenFile, 2);
        var zip64 = new ZipBuilder(zip64: true).Add("a/data.pkl", pickle).Add("a/data/0", TorchBytes.FourFloats()).Add("a/data/1", TorchBytes.FourFloats());
        Mutate(zip64.Build(), TorchReader.OpenFile, 3);
    }

    private static void Mutate(byte[] valid, Func<string, DiagnosticBag, TensorArchive?> open, int seed)
    {
        using var folder = new TemporaryFolder();
        Assert.True(OpensSoundly(folder["valid"], valid, open));
        var random = new Random(seed);
        var refused = 0;
        for (var i = 0; i < Mutations; i++)
        {
            if (!OpensSoundly(folder["damaged"], Damage(valid, random), open))
                refused++;
        }

        // Damage that nothing notices lies in values, names, checksums; most of it must be noticed.
        Assert.InRange(refused, Mutations / 2, Mutations - 1);
    }

    private static byte[] Damage(byte[] valid, Random random)
    {
        var damaged = valid.ToArray();
        if (random.Next(8) == 0)
            return damaged[..random.Next(damaged.Length)];
        for (var count = random.Next(1, 4); count > 0; count--)
        {
            var at = random.Next(damaged.Length);
            damaged[at] = random.Next(4) switch
            {
                0 => (byte)random.Next(256),
                1 => (byte)(damaged[at] ^ (1 << random.Next(8))),
                2 => random.Next(2) == 0 ? (byte)0 : (byte)255,
                _ => damaged[random.Next(damaged.Length)],
            };
        }

        return random.Next(10) == 0 ? [.. damaged, .. new byte[random.Next(1, 40)]] : damaged;
    }

    private static bool OpensSoundly(string path, byte[] file, Func<string, DiagnosticBag, TensorArchive?> open)
    {
        File.WriteAllBytes(path, file);
        var diagnostics = new DiagnosticBag();
        using var archive = open(path, diagnostics);
        Assert.Equal(archive is null, diagnostics.HasErrors);
        if (archive is null)
            return false;
        foreach (var (tensor, _) in archive.Tensors.Values)
        {
            if (tensor is MappedTensor mapped)
                Assert.InRange(mapped.Offset + mapped.ByteLength, 0, file.Length);
            // Reading throws where an element lies outside the file. A stride of 0 can repeat very often, so the ends stand for all.
            var buffer = new byte[Math.Min(tensor.ByteLength, 4096)];
            tensor.Read(0, buffer);
            tensor.Read(tensor.ByteLength - buffer.Length, buffer);
        }

        return true;
    }
}
