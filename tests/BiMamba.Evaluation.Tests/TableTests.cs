using System.Reflection;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Testing;

namespace BiMamba.Evaluation.Tests;

/// <summary>Every row of the table of this project is met by a test of this project.</summary>
public sealed class TableTests
{
    public static TheoryData<string> Rows =>
        [.. typeof(RuntimeDiagnostics).GetFields(BindingFlags.Public | BindingFlags.Static).Where(row => row.FieldType == typeof(DiagnosticDescriptor)).Select(row => row.Name)];

    [Theory]
    [MemberData(nameof(Rows))]
    public void Every_row_has_a_test(string row)
    {
        var sources = Directory.EnumerateFiles(Path.Combine(Repository.Root, "tests", "BiMamba.Evaluation.Tests"), "*.cs");
        Assert.Contains(sources, source => File.ReadAllText(source).Contains($"{nameof(RuntimeDiagnostics)}.{row},", StringComparison.Ordinal));
    }
}
