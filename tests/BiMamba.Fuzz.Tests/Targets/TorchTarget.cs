using BiMamba.Diagnostics;
using BiMamba.Formats.TorchPickle;
using BiMamba.Fuzz.Tests.Harness;
using BiMamba.Fuzz.Tests.Mutation;
using BiMamba.Testing.Building;

namespace BiMamba.Fuzz.Tests.Targets;

/// <summary>
/// Files of torch.save: instructions of the pickle in a sound archive, entries that lie, and the bytes of the whole file, with
/// the integers of the zip records known.
/// </summary>
internal sealed class TorchTarget : FuzzTarget
{
    private static readonly byte[] Floats = [0, 0, 0, 0, 0, 0, 0x80, 0x3f, 0, 0, 0, 0x40, 0, 0, 0x40, 0x40];

    private static readonly byte[][] Pickles =
    [
        new PickleBuilder().Op('}').Op('(')
            .Text("module.a").Tensor("FloatStorage", "0", 4, 0, [2, 2], [2, 1])
            .Text("t").Tensor("FloatStorage", "0", 4, 0, [2, 2], [1, 2])
            .Text("e").Tensor("HalfStorage", "1", 8, 3, [5, 4], [1, 0])
            .Text("n").Op('}').Text("x").Tensor("LongStorage", "0", 2, 1, [1], [1]).Op('s').Op('u').Stop(),
        new PickleBuilder().Op('}').Text("state_dict").Global("collections", "OrderedDict").Op(')').Op('R').Op('(')
            .Text("w").Tensor("BFloat16Storage", "1", 8, 0, [8], [1]).Text("scalar").Tensor("DoubleStorage", "0", 2, 1, [], []).Op('u').Op('s')
            .Text("optimizer").Op('}').Text("step").Integer(7).Op('s').Op('s').Stop(),
        PickleBuilder.StateDict(4, "a.weight", "b.weight"),
    ];

    private readonly IReadOnlyList<byte[]>[] tokens = [.. Pickles.Select(pickle => PickleTokens.Split(pickle))];

    /// <inheritdoc/>
    public override string Name => "torch";

    /// <inheritdoc/>
    public override string Extension => ".pt";

    /// <inheritdoc/>
    public override IReadOnlyList<byte[]> Seeds { get; } = [.. Pickles.Select(pickle => Archive(pickle, zip64: false)), Archive(Pickles[0], zip64: true)];

    /// <inheritdoc/>
    public override byte[] Mutate(FuzzRandom random)
    {
        switch (random.Below(4))
        {
            case 0:
                var seed = random.Pick(Seeds);
                return ByteMutator.Mutate(random, seed, ZipFields(seed), Seeds);
            case 1:
                return Lying(random, random.Pick(Pickles));
            default:
                return Archive(PickleTokens.Mutate(random, random.Pick(tokens), tokens), random.OneIn(8));
        }
    }

    /// <inheritdoc/>
    public override bool Accepts(FuzzInput input, DiagnosticBag diagnostics)
    {
        using var archive = TorchReader.OpenFile(input.Write(), diagnostics);
        if (archive is null)
            return false;
        foreach (var (tensor, _) in archive.Tensors.Values)
            input.ReadAll(tensor);
        return true;
    }

    private static byte[] Archive(byte[] pickle, bool zip64) => new ZipBuilder(zip64)
        .Add("a/data.pkl", pickle).Add("a/byteorder", "little"u8.ToArray()).Add("a/data/0", Floats).Add("a/data/1", Floats).Add("a/version", "3\n"u8.ToArray()).Build();

    /// <summary>A sound archive but for one lie.</summary>
    private static byte[] Lying(FuzzRandom random, byte[] pickle)
    {
        ZipItem[] items = [new("a/data.pkl", pickle), new("a/byteorder", "little"u8.ToArray()), new("a/data/0", Floats), new("a/data/1", Floats)];
        var at = random.Below(items.Length);
        var length = random.OneIn(2) ? random.Below(4096) : (long)ByteMutator.Boundary(random);
        items[at] = random.Below(9) switch
        {
            0 => items[at] with { Method = random.Pick((int[])[8, 9, 12, 14, 93, 95, 65535]) },
            1 => items[at] with { Flags = 1 << random.Below(16) },
            2 => items[at] with { LocalName = random.Pick(items).Name },
            3 => items[at] with { DirectoryLength = length },
            4 => items[at] with { DirectoryCompressed = length },
            5 => items[at] with { HeaderOffset = length },
            6 => items[at] with { Name = random.Pick((string[])["a/data.pkl", "b/data.pkl", "../data.pkl", "a/data/0", "a\\data.pkl", "a/code/x.py", "a/constants.pkl", "a/data/../data/0", new string('n', 2000), "\0"]) },
            7 => items[at] with { Data = [.. items[at].Data, .. new byte[random.Below(32)]] },
            _ => items[at] with { Data = items[at].Data[..random.Below(items[at].Data.Length)] },
        };
        var builder = new ZipBuilder(random.OneIn(3)) { DeclaredEntries = random.OneIn(10) ? random.Below(70_000) : null };
        foreach (var item in random.OneIn(10) ? [.. items, random.Pick(items)] : items)
            builder.Add(item);
        return builder.Build(random.OneIn(10) ? new byte[random.Below(100)] : null);
    }

    /// <summary>The integers of all zip records of a file, by their signatures.</summary>
    private static List<FieldSpan> ZipFields(byte[] file)
    {
        var fields = new List<FieldSpan>();
        for (var i = 0; i + 4 <= file.Length; i++)
        {
            if (file[i] != 'P' || file[i + 1] != 'K')
                continue;
            (int Offset, int Size)[] record = (file[i + 2], file[i + 3]) switch
            {
                (1, 2) => [(8, 2), (10, 2), (20, 4), (24, 4), (28, 2), (30, 2), (32, 2), (34, 2), (42, 4)],
                (3, 4) => [(6, 2), (8, 2), (18, 4), (22, 4), (26, 2), (28, 2)],
                (5, 6) => [(4, 2), (6, 2), (8, 2), (10, 2), (12, 4), (16, 4), (20, 2)],
                (6, 6) => [(4, 8), (16, 4), (24, 8), (32, 8), (40, 8), (48, 8)],
                (6, 7) => [(4, 4), (8, 8), (16, 4)],
                _ => [],
            };
            fields.AddRange(record.Select(field => new FieldSpan(i + field.Offset, field.Size)));
        }

        return fields;
    }
}

/// <summary>Runs <see cref="TorchTarget"/>.</summary>
public sealed class TorchTests : FuzzTests
{
    private protected override FuzzTarget Target { get; } = new TorchTarget();
}
