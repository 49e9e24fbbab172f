using System.Reflection;
using BiMamba.Diagnostics;
using BiMamba.Formats.Spec;
using BiMamba.Fuzz.Tests.Harness;

namespace BiMamba.Fuzz.Tests.Limits;

/// <summary>A limit of what a file can ask for.</summary>
/// <param name="Id">A short name; files of tests and of the document go by it.</param>
/// <param name="What">What is limited, with its unit.</param>
/// <param name="Where">The constant that holds it: a type and a field, or a spec and a constant, with a dot.</param>
/// <param name="Diagnostic">The id of what a file over it gets; it differs by file where the constant is that of the bag.</param>
/// <param name="Break">Reads a file over the limit.</param>
internal sealed record LimitRow(string Id, string What, string Where, string Diagnostic, Action<FuzzInput, DiagnosticBag> Break)
{
    private static readonly Assembly[] Assemblies =
    [
        typeof(Formats.Safetensors.SafetensorsReader).Assembly, typeof(Formats.TorchPickle.TorchReader).Assembly, typeof(SpecReader).Assembly, typeof(Tensors.Shape).Assembly, typeof(Text.SourceText).Assembly,
        typeof(Frontend.ImportOptions).Assembly, typeof(Tokenizers.Tokenizer).Assembly, typeof(Evaluation.CorpusReader).Assembly, typeof(Comparison.RunFiles.RunFileReader).Assembly, typeof(CommandLine.Sensitivities.SensitivityFile).Assembly, typeof(Toolchain.Journal.JournalFolder).Assembly,
        typeof(DiagnosticBag).Assembly,
    ];

    /// <summary>The value, from the code.</summary>
    public long Value
    {
        get
        {
            var (owner, name) = (Where[..Where.LastIndexOf('.')], Where[(Where.LastIndexOf('.') + 1)..]);
            if (FormatTable.All.FirstOrDefault(row => row.SpecName == owner) is { } format)
                return format.Spec.FindConstant(name)?.Value ?? throw new InvalidOperationException($"{owner} has no constant {name}");
            var type = Assemblies.SelectMany(assembly => assembly.GetTypes()).First(type => type.Name == owner);
            var constant = type.GetField(name, BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic) ?? throw new InvalidOperationException($"{owner} has no constant {name}");
            return Convert.ToInt64(constant.GetRawConstantValue(), System.Globalization.CultureInfo.InvariantCulture);
        }
    }

    /// <inheritdoc/>
    public override string ToString() => Id;
}
