using System.Reflection;
using BiMamba.Diagnostics;

namespace BiMamba.Readers.Tests.Building;

/// <summary>The rows of a diagnostics table.</summary>
internal static class Rows
{
    public static IReadOnlyDictionary<string, DiagnosticDescriptor> Of(Type table) =>
        table.GetFields(BindingFlags.Public | BindingFlags.Static)
            .Where(field => field.FieldType == typeof(DiagnosticDescriptor))
            .ToDictionary(field => field.Name, field => (DiagnosticDescriptor)field.GetValue(null)!, StringComparer.Ordinal);
}
