using System.Reflection;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Testing;

namespace BiMamba.Frontend.Tests;

/// <summary>Rules over the table of diagnostics and the name table.</summary>
public sealed class TableTests
{
    [Fact]
    public void Every_diagnostic_has_an_id_of_its_own_in_the_range_and_a_test_that_names_it()
    {
        var rows = typeof(FrontendDiagnostics).GetFields(BindingFlags.Public | BindingFlags.Static);
        var ids = rows.Select(row => ((DiagnosticDescriptor)row.GetValue(null)!).Id).ToArray();
        Assert.Equal(ids.Distinct(StringComparer.Ordinal), ids);
        Assert.All(ids, id => Assert.StartsWith("BIM13", id, StringComparison.Ordinal));
        var tests = string.Concat(Directory.EnumerateFiles(Path.Combine(Repository.Root, "tests", "BiMamba.Frontend.Tests"), "*.cs").Select(File.ReadAllText));
        Assert.All(rows, row => Assert.Contains("FrontendDiagnostics." + row.Name, tests, StringComparison.Ordinal));
    }

    [Fact]
    public void Patterns_of_the_name_table_are_different() =>
        Assert.Equal(TensorNameMap.All.Length, TensorNameMap.All.Select(row => row.Pattern).Distinct(StringComparer.Ordinal).Count());

    [Fact]
    public void Thousands_of_broken_layers_are_answered_quickly()
    {
        var checkpoint = Checkpoint.Mamba2();
        for (var i = 2; i < TensorNameMap.MaxLayers; i++)
            checkpoint.Put($"backbone.layers.{i}.norm.weight", 8);
        var diagnostics = new DiagnosticBag();
        Assert.Null(checkpoint.Import(diagnostics));
        Assert.Equal(DiagnosticBag.MaxErrors, diagnostics.Items.Count);
    }
}
