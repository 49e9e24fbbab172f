using System.Reflection;
using BiMamba.Diagnostics;

namespace BiMamba.Architecture.Tests;

/// <summary>One row and where it stands.</summary>
internal sealed record DiagnosticRow(string Table, string Name, DiagnosticDescriptor Descriptor);

/// <summary>One class of <c>src/BiMamba.Diagnostics/Tables</c>.</summary>
/// <param name="Name">Name of the class.</param>
/// <param name="Summary">Its sentence, which begins with the hundreds of its ids.</param>
/// <param name="Rows">Its rows by id.</param>
internal sealed record DiagnosticTable(string Name, string Summary, IReadOnlyList<DiagnosticRow> Rows)
{
    public const string Namespace = "BiMamba.Diagnostics.Tables";

    /// <summary>All tables, in the order of their first ids.</summary>
    public static IReadOnlyList<DiagnosticTable> All() =>
        [.. typeof(DiagnosticDescriptor).Assembly.GetTypes()
            .Where(type => type is { Namespace: Namespace, IsNested: false })
            .Select(Read).OrderBy(table => table.Rows[0].Descriptor.Id, StringComparer.Ordinal)];

    private static DiagnosticTable Read(Type type) => new(
        type.Name,
        XmlDocumentation.Summary(type),
        [.. type.GetFields(BindingFlags.Public | BindingFlags.Static)
            .Where(row => row.FieldType == typeof(DiagnosticDescriptor))
            .Select(row => new DiagnosticRow(type.Name, row.Name, (DiagnosticDescriptor)row.GetValue(null)!))
            .OrderBy(row => row.Descriptor.Id, StringComparer.Ordinal)]);
}
