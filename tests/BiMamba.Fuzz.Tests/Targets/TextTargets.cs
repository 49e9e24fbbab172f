using BiMamba.Diagnostics;
using BiMamba.Formats.Spec;
using BiMamba.Fuzz.Tests.Harness;
using BiMamba.Fuzz.Tests.Mutation;
using BiMamba.IR;
using BiMamba.IR.Reading;
using BiMamba.Passes;
using BiMamba.Pipeline;
using BiMamba.Testing;
using BiMamba.Text;
using Encoding = System.Text.Encoding;

namespace BiMamba.Fuzz.Tests.Targets;

/// <summary>A text form: bytes that become text and then what its grammar says.</summary>
/// <param name="name">Its name.</param>
/// <param name="extension">The ending of its files.</param>
/// <param name="seeds">Good texts.</param>
/// <param name="brackets">Brackets that nest.</param>
internal abstract class TextTarget(string name, string extension, IReadOnlyList<string> seeds, IReadOnlyList<string> brackets) : FuzzTarget
{
    private readonly TextMutator mutator = new(seeds, brackets);
    private byte[][]? good;

    /// <inheritdoc/>
    public override string Name => name;

    /// <inheritdoc/>
    public override string Extension => extension;

    /// <inheritdoc/>
    public override IReadOnlyList<byte[]> Seeds => good ??= [.. seeds.Where(seed => Parse(new SourceText("seed", seed), new DiagnosticBag())).Select(Encoding.UTF8.GetBytes)];

    /// <inheritdoc/>
    public override byte[] Mutate(FuzzRandom random) => mutator.Mutate(random);

    /// <inheritdoc/>
    public override bool Accepts(FuzzInput input, DiagnosticBag diagnostics) =>
        SourceText.Decode("input" + extension, input.Bytes, diagnostics) is { } text && Parse(text, diagnostics);

    /// <summary>True where the text is accepted.</summary>
    protected abstract bool Parse(SourceText text, DiagnosticBag diagnostics);

    /// <summary>Small golden files of a folder that match.</summary>
    protected static IEnumerable<string> Goldens(string pattern, int most, params ReadOnlySpan<string> folder) =>
        Directory.EnumerateFiles(Repository.Golden(folder), pattern).Order(StringComparer.Ordinal).Select(path => File.ReadAllText(path).Split("; expect:")[0]).Where(text => text.Length <= most);
}

/// <summary>IR text, with its directives; what is accepted is printed and read again.</summary>
internal sealed class IrTarget() : TextTarget("ir", ".bmir", [.. Goldens("*.bmir", 1200, "ir", "roundtrip"), .. Goldens("*.bmir", 800, "ir", "run")], ["[]", "{}", "()"])
{
    /// <inheritdoc/>
    protected override bool Parse(SourceText text, DiagnosticBag diagnostics)
    {
        TextDirectives.Read(text);
        if (IrParser.Parse(text, diagnostics)?.Module is not { } module)
            return false;
        var printed = IrPrinter.Print(module, withHashes: false);
        Assert.NotNull(IrParser.Parse(new SourceText("printed", printed), diagnostics));
        return true;
    }
}

/// <summary>Pipeline text over all passes and named pipelines; what is accepted is printed and read again.</summary>
internal sealed class PipelineTarget() : TextTarget("pipeline", ".pipeline", [.. PassTable.All.Select(pass => pass.Info.Example), .. PassTable.Pipelines.Select(pipeline => "@" + pipeline.Name), Long], ["[]", "{}"])
{
    private const string Long = "fold-fbi{fidelity=latent} | gptq{bits=3, group=64, tensors=[\"*layers.0.*\", \"x\"], rules=[[\"a\", \"b\"]]} ; and\n| pack{word=64}";

    /// <inheritdoc/>
    protected override bool Parse(SourceText text, DiagnosticBag diagnostics)
    {
        if (PipelineParser.Parse(text, PassTable.All, diagnostics, PassTable.Pipelines) is not { } pipeline)
            return false;
        Assert.NotNull(PipelineParser.Parse(new SourceText("printed", pipeline.ToString()), PassTable.All, diagnostics));
        return true;
    }
}

/// <summary>Spec text; what is accepted reads a few bytes.</summary>
internal sealed class SpecTextTarget() : TextTarget("spec", ".spec", [.. Goldens("*.spec", 900, "text"), FormatTable.Safetensors.SpecText, Union], ["[]", "()"])
{
    private const string Union = """
        format x version 1 little-endian "A."
        const most = 9 "M."
        enum kind : u8 "K." {
          a = 0 "A."
          b = 1 "B."
        }
        union item : u8 "V." {
          a = 0 : u16 "A."
          b = 1 : text8 "B."
        }
        record file "F." {
          count : u8 where count <= most "C."
          kind : kind "K."
          items : item[count] "I."
          rest : region[rest] "R."
        }

        """;

    private readonly byte[] file = [2, 0, 7, 0, 1, 1, 65, 0, 0, 0, 0, 0, 0, 0, 0, 0];

    /// <inheritdoc/>
    protected override bool Parse(SourceText text, DiagnosticBag diagnostics)
    {
        if (SpecParser.Parse(text, diagnostics) is not { } format)
            return false;
        SpecReader.Read(format, SpecSource.Of("file", file), new DiagnosticBag());
        Assert.NotEmpty(SpecDocument.Write(format, "x.spec"));
        return true;
    }
}

/// <summary>Runs <see cref="IrTarget"/>.</summary>
public sealed class IrTests : FuzzTests
{
    private protected override FuzzTarget Target { get; } = new IrTarget();
}

/// <summary>Runs <see cref="PipelineTarget"/>.</summary>
public sealed class PipelineTests : FuzzTests
{
    private protected override FuzzTarget Target { get; } = new PipelineTarget();
}

/// <summary>Runs <see cref="SpecTextTarget"/>.</summary>
public sealed class SpecTextTests : FuzzTests
{
    private protected override FuzzTarget Target { get; } = new SpecTextTarget();
}
