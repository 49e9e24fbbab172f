using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.IR;
using BiMamba.Passes;
using BiMamba.Testing;
using BiMamba.Text;

namespace BiMamba.FileTests.Ir;

/// <summary>Every row of the tables of ops, attributes, encodings, levels, passes and rules has its golden file.</summary>
public sealed class IrCoverageTests
{
    [Fact]
    public void Every_op_with_every_operand_has_a_round_trip()
    {
        var ops = Modules("roundtrip").SelectMany(Ops).ToList();
        var seen = ops.SelectMany(op => op.Operands.Select(operand => (op.Code, operand.Role))).ToHashSet();
        Offenders.None(IR.Ops.All.SelectMany(info => info.Operands.Select(role => (info.Code, Role: role.Name)).Where(pair => !seen.Contains(pair)).Select(pair => $"{info.Name} {pair.Role}")));
    }

    [Fact]
    public void Every_attribute_with_every_word_has_a_round_trip()
    {
        var seen = Modules("roundtrip").SelectMany(Ops).SelectMany(op => op.Attributes.Select(pair => $"{pair.Key} = {pair.Value}")).ToHashSet(StringComparer.Ordinal);
        var infos = IR.Ops.All.SelectMany(op => op.Attributes).Select(row => row.Info).Distinct();
        Offenders.None(infos.SelectMany(info => info.Words.IsEmpty ? [info.Name] : info.Words.Select(word => $"{info.Name} = {TextEscapes.Word(word)}"))
            .Where(wanted => !seen.Any(found => found == wanted || found.StartsWith(wanted + " = ", StringComparison.Ordinal))));
    }

    /// <summary>Plain integers but i8, u8 and u32 stand in no role.</summary>
    [Fact]
    public void Every_encoding_that_a_role_takes_and_every_level_has_a_round_trip()
    {
        var modules = Modules("roundtrip").ToList();
        var seen = modules.SelectMany(module => module.Resources.Values).Select(resource => resource.Encoding).ToHashSet();
        var expected = Encodings.All.Select(row => row.Encoding).Where(encoding => encoding.IsFloat() || encoding is Encoding.I8 or Encoding.U8 or Encoding.U32 or >= Encoding.Trit);
        Assert.Equal(expected.Order(), seen.Order());
        Assert.Equal(Levels.All.Select(row => row.Level), modules.Select(module => module.Level).Distinct().Order());
    }

    [Fact]
    public void Every_op_has_a_run() =>
        Offenders.None(IR.Ops.All.Select(info => info.Code).Except(Modules("run").SelectMany(Ops).Select(op => op.Code)).Select(code => code.ToString()));

    [Fact]
    public void Every_pass_has_a_module_before_and_after()
    {
        var pipelines = Directory.GetFiles(Repository.Golden("ir", "passes"), "*.bmir").Select(file => GoldenInput.Load("ir", "passes", Path.GetFileName(file)))
            .Where(input => input.Expectation.StartsWith("; expect:", StringComparison.Ordinal))
            .Select(input => PassTable.Parse(new SourceText("pipeline", input.Directives.Find("pipeline")!.Value), new DiagnosticBag()));
        var run = pipelines.SelectMany(pipeline => pipeline!.Stages).Select(stage => stage.Pass.Info.Name).ToHashSet(StringComparer.Ordinal);
        Offenders.None(PassTable.All.Select(pass => pass.Info.Name).Where(name => !run.Contains(name)));
    }

    [Fact]
    public void Every_rule_has_a_broken_text()
    {
        var files = Directory.GetFiles(Repository.Golden("ir", "verifier")).Select(file => Path.GetFileName(file).Split('-')[0]).ToHashSet(StringComparer.Ordinal);
        var rules = new[] { typeof(IrDiagnostics), typeof(IrTextDiagnostics) }.SelectMany(table => table.GetFields())
            .Select(field => field.GetValue(null)).OfType<DiagnosticDescriptor>().Append(TextDiagnostics.Syntax).ToList();
        Assert.True(rules.Count > 12, $"{rules.Count} rules");
        Offenders.None(rules.Select(rule => rule.Id).Where(id => !files.Contains(id)));
    }

    [Fact]
    public void Every_pipeline_diagnostic_of_text_has_a_golden_pipeline()
    {
        var texts = Directory.GetFiles(Repository.Golden("text"), "*.pipeline").Select(File.ReadAllText).ToList();
        var rows = new[] { PipelineDiagnostics.Syntax, PipelineDiagnostics.UnknownPass, PipelineDiagnostics.UnknownOption, PipelineDiagnostics.OptionValue, PipelineDiagnostics.OptionTwice };
        Offenders.None(rows.Select(row => row.Id).Where(id => !texts.Exists(text => text.Contains($"; error: {id} ", StringComparison.Ordinal))));
    }

    private static IEnumerable<Module> Modules(string folder) =>
        Directory.GetFiles(Repository.Golden("ir", folder), "*.bmir").Select(file => GoldenModule.Read(GoldenInput.Load("ir", folder, Path.GetFileName(file))));

    private static IEnumerable<Op> Ops(Module module) => module.Blocks.SelectMany(block => block.Body);
}
