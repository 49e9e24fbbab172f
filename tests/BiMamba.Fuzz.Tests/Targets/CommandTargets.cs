using BiMamba.CommandLine.Cards;
using BiMamba.CommandLine.Sensitivities;
using BiMamba.Diagnostics;
using BiMamba.Formats.Bimb;
using BiMamba.Fuzz.Tests.Harness;
using BiMamba.Fuzz.Tests.Mutation;
using BiMamba.IR;
using BiMamba.Tensors;
using BiMamba.Testing;
using BiMamba.Toolchain;
using BiMamba.Toolchain.Journal;
using BiMamba.Toolchain.Recipes;
using Encoding = System.Text.Encoding;

namespace BiMamba.Fuzz.Tests.Targets;

/// <summary>The recipe of a <c>.bimb</c> file, as card, eval and inspect read it. A recipe is never refused; what it does not say is left out.</summary>
internal sealed class RecipeTarget() : JsonTarget(
    "recipe", [Seed], "\"calibration\"", "\"sources\"", "\"name\"", "\"sha256\"", "\"ngrams\"", "\"n\"", "\"limit\"", "\"hashes\"", "\"AAAAAAE=\"", "\"AAAAAAAAAAE=\"", "2147483647", "1099511627775", "\"pipeline\"", "\"tool\"", "\"samples\"")
{
    private const string Seed = """
        {"tool":"bimambac","version":"1","pipeline":"rtn{bits=4} | pack","importFidelity":"latent","baseModel":"m","sources":[{"name":"config.json","bytes":7,"sha256":"00"}],
        "calibration":{"name":"c.txt","sha256":"00","samples":2,"sequenceLength":8,"seed":0,"ngrams":{"n":13,"limit":1,"hashes":"AAAAAAE="}}}
        """;

    /// <inheritdoc/>
    public override bool Accepts(FuzzInput input, DiagnosticBag diagnostics)
    {
        var recipe = Encoding.UTF8.GetString(input.Bytes);
        var calibration = RecipeCalibration.Find(recipe) is { } element ? RecipeCalibration.Read(element) : null;
        calibration?.Ngrams?.ToSketch();
        var card = CardRecipe.Of(recipe, calibration);
        if (card.Tool is not null || card.Sources.Count > 0 || calibration is not null)
            return true;
        return Accepted(null, "says nothing", diagnostics);
    }
}

/// <summary>Results that a card shows; a card is written of what is accepted.</summary>
internal sealed class CardResultTarget() : JsonTarget("card-result", Documents(), "\"perplexity\"", "\"corpusSha256\"", "\"rows\"", "\"corpora\"", "\"tasks\"", "\"bytes\"", "\"threads\"", "\"NaN\"", "\"-Infinity\"", "\"method\"", "\"versus\"", "\"a|b\\n\"")
{
    private readonly Lazy<(BimbFile File, CardModel Model)> model = new(Open);

    /// <inheritdoc/>
    public override bool Accepts(FuzzInput input, DiagnosticBag diagnostics)
    {
        if (CardResultReader.Read(input.Write(), model.Value.Model, diagnostics) is not { } results)
            return false;
        using var text = new StringWriter();
        new CardWriter(model.Value.Model, results).Write(text);
        Assert.DoesNotContain('\u001b', text.ToString());
        return true;
    }

    /// <summary>The documents of the golden case of the command: what stands between the line of a .json file and the next empty line.</summary>
    private static string[] Documents() =>
    [
        .. File.ReadAllText(Repository.Golden("cli", "card.case")).Split("-- file ").Skip(1).Where(part => part.Split('\n')[0].Contains(".json", StringComparison.Ordinal))
            .Select(part => part[part.IndexOf('\n', StringComparison.Ordinal)..part.IndexOf("\n\n", StringComparison.Ordinal)]),
    ];

    private static (BimbFile File, CardModel Model) Open()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["tiny.bimb"], SpecSeed.Golden("bimb"));
        var file = BimbReader.Open(folder["tiny.bimb"], new DiagnosticBag())!;
        var ledger = SizeLedger.Of(file.Module, 358528);
        return (file, new CardModel("tiny.bimb", new string('0', 64), file.Module, null, ledger, CardRecipe.Of("""{"pipeline":"fold-fbi{fidelity=latent} | pack{word=64}"}""", null)));
    }
}

/// <summary>What sensitivity wrote, as allocate reads it.</summary>
internal sealed class SensitivityTarget() : JsonTarget("sensitivity", [Seed], "\"parts\"", "\"choices\"", "\"bits\"", "\"storedBytes\"", "\"kl\"", "\"part\"", "\"weights\"", "1125899906842624")
{
    private const string Seed = """
        {"schemaVersion":1,"model":"m","method":"rtn{bits=4}","calibration":null,"reference":null,"parts":[{"part":"*in_proj*","weights":10,"bytes":20,"choices":[
        {"bits":2,"storedBytes":4,"bitsPerWeight":2.5,"savedBytes":16,"kl":0.5,"klStandardError":null,"perplexity":3,"perplexityRatio":1,"topAgreement":0.5,"windowKl":[0.5]},
        {"bits":4,"storedBytes":8,"bitsPerWeight":4.5,"savedBytes":12,"kl":0.1,"klStandardError":0.1,"perplexity":3,"perplexityRatio":1,"topAgreement":0.5,"windowKl":[]}]},
        {"part":"*out_proj*","weights":10,"bytes":20,"choices":[{"bits":3,"storedBytes":4,"bitsPerWeight":2.5,"savedBytes":16,"kl":0.5,"klStandardError":null,"perplexity":3,"perplexityRatio":1,"topAgreement":0.5,"windowKl":[0.5]}]}],"allocation":null}
        """;

    /// <inheritdoc/>
    public override bool Accepts(FuzzInput input, DiagnosticBag diagnostics)
    {
        using var map = FileMap.Open(input.Write(), diagnostics);
        if (map is null)
            return false;
        var parts = SensitivityFile.Parse(map, out var reason);
        if (!Accepted(parts, reason, diagnostics))
            return false;
        // The command goes on with the parts of the model at hand only.
        if (!parts!.Select(part => part.Weights).SequenceEqual([10, 10]))
            return true;
        var found = new DiagnosticBag();
        Assert.Equal(SensitivityAllocation.Solve(parts!, 4, found) is null, found.HasErrors);
        return true;
    }
}

/// <summary>The first file of a journal.</summary>
internal sealed class JournalTarget() : JsonTarget("journal", ["""{"schemaVersion":1,"key":[{"name":"tool","value":"1"},{"name":"pipeline","value":"pack"},{"name":"seed","value":"0"}]}"""], "\"key\"", "\"name\"", "\"value\"", "\"tool\"", "\"seed\"")
{
    private static readonly JournalKey Other = new([new("tool", "2"), new("seed", "1")]);

    /// <inheritdoc/>
    public override bool Accepts(FuzzInput input, DiagnosticBag diagnostics)
    {
        input.Write("journal.json");
        using var folder = new JournalFolder(input.Folder);
        var key = folder.Read(out var reason);
        if (!Accepted(key, reason, diagnostics))
            return false;
        Assert.NotNull(Other.Differences(key!));
        Assert.Equal(64, key!.Hash.Length);
        return true;
    }
}

/// <summary>A finished block of a journal: its hash is right in most cases, so that its text and its reports are read.</summary>
internal sealed class BlockArchiveTarget : FuzzTarget
{
    private const string Reports = """{"measurements":[{"pass":"gptq","tensor":"w","measure":"loss","value":1.5}],"diagnostics":[{"id":"BIM2115","message":"m","file":null,"tensor":"w","field":null,"hint":null}]}""";

    private readonly TextMutator texts = new([Text], ["[]", "{}"]);
    private readonly JsonTree reports = JsonTree.Parse(Encoding.UTF8.GetBytes(Reports));

    private static string Text => IrPrinter.Print(BlockModule, withHashes: false);

    private static IR.Module BlockModule
    {
        get
        {
            var map = IR.Module.ResourceMap([new Resource("w", MemoryTensor.Of([1, 2, 3, 4, 5, 6], Shape.Of(2, 3)))]);
            var block = new BlockBuilder("layers.0", new Value("r", BiMamba.IR.ValueType.Features(3)), name => map[name]);
            var result = block.Add("y", OpCode.Linear, [("x", "r"), ("weight", "w")]);
            return new IR.Module("journal", Level.Quant, [], map, [block.Return(result)]);
        }
    }

    /// <inheritdoc/>
    public override string Name => "block-archive";

    /// <inheritdoc/>
    public override string Extension => ".json";

    /// <inheritdoc/>
    public override IReadOnlyList<byte[]> Seeds { get; } = [Join(Encoding.UTF8.GetBytes(Reports), Encoding.UTF8.GetBytes(Text))];

    /// <inheritdoc/>
    public override byte[] Mutate(FuzzRandom random) => random.OneIn(2)
        ? Join(JsonMutator.Mutate(random, reports, ["\"BIM2115\"", "\"BIM0001\"", "\"id\"", "\"value\"", "\"NaN\"", "\"measure\""]), Encoding.UTF8.GetBytes(Text))
        : Join(Encoding.UTF8.GetBytes(Reports), texts.Mutate(random));

    /// <inheritdoc/>
    public override bool Accepts(FuzzInput input, DiagnosticBag diagnostics)
    {
        var end = BitConverter.ToInt32(input.Bytes) + 4;
        var content = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["reports"] = Encoding.UTF8.GetString(input.Bytes.AsSpan(4, end - 4)),
            ["text"] = Encoding.UTF8.GetString(input.Bytes.AsSpan(end)),
        };
        var path = Path.Combine(input.Folder, "block-1-1.safetensors");
        Assert.True(JournalArchive.Write(path, "key", [KeyValuePair.Create<string, Tensor>("w", MemoryTensor.Of([1, 2, 3, 4, 5, 6], Shape.Of(2, 3)))], content, new DiagnosticBag(), CancellationToken.None));
        var block = BlockArchive.Read(path, "key", out var reason);
        if (block is null)
        {
            Assert.False(string.IsNullOrEmpty(reason));
            diagnostics.Add(BiMamba.Diagnostics.Tables.InputDiagnostics.Unreadable, reason, Place.None);
            return false;
        }

        BlockFit.Reject(block, BlockModule, 0);
        return true;
    }

    private static byte[] Join(byte[] reports, byte[] text) => [.. BitConverter.GetBytes(reports.Length), .. reports, .. text];
}

/// <summary>Runs <see cref="RecipeTarget"/>.</summary>
public sealed class RecipeTests : FuzzTests
{
    private protected override FuzzTarget Target { get; } = new RecipeTarget();
}

/// <summary>Runs <see cref="CardResultTarget"/>.</summary>
public sealed class CardResultTests : FuzzTests
{
    private protected override FuzzTarget Target { get; } = new CardResultTarget();
}

/// <summary>Runs <see cref="SensitivityTarget"/>.</summary>
public sealed class SensitivityTests : FuzzTests
{
    private protected override FuzzTarget Target { get; } = new SensitivityTarget();
}

/// <summary>Runs <see cref="JournalTarget"/>.</summary>
public sealed class JournalTests : FuzzTests
{
    private protected override FuzzTarget Target { get; } = new JournalTarget();
}

/// <summary>Runs <see cref="BlockArchiveTarget"/>.</summary>
public sealed class BlockArchiveTests : FuzzTests
{
    private protected override FuzzTarget Target { get; } = new BlockArchiveTarget();
}
