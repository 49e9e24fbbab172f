using BiMamba.Formats.Spec;

namespace BiMamba.CommandLine.Reports;

/// <summary>A file format in a list, in JSON.</summary>
internal sealed record FormatJson(string Name, long Version, string Extension, string? Signature, string Summary);

/// <summary>The result of spec without a format.</summary>
internal sealed record SpecsJson(int SchemaVersion, IReadOnlyList<FormatJson> Formats);

/// <summary>A constant of a spec.</summary>
internal sealed record SpecConstantJson(string Name, long Value, string Doc);

/// <summary>A field of a record.</summary>
internal sealed record SpecFieldJson(string Name, string Type, string? Section, IReadOnlyList<string> Rules, string Doc);

/// <summary>A record of a spec.</summary>
internal sealed record SpecRecordJson(string Name, IReadOnlyList<string> Parameters, string Doc, IReadOnlyList<SpecFieldJson> Fields);

/// <summary>A case of a union.</summary>
internal sealed record SpecCaseJson(string Name, long Tag, string Type, string Doc);

/// <summary>A union of a spec: its tag is stored as a type or is a word of an enum.</summary>
internal sealed record SpecUnionJson(string Name, string? Storage, string? By, string Doc, IReadOnlyList<SpecCaseJson> Cases);

/// <summary>A word of an enum.</summary>
internal sealed record SpecWordJson(string Name, long Value, long Block, string? Bytes, string Doc);

/// <summary>An enum of a spec.</summary>
internal sealed record SpecEnumJson(string Name, string Storage, string Doc, IReadOnlyList<SpecWordJson> Words);

/// <summary>What a file can get wrong.</summary>
internal sealed record SpecRuleJson(string Rule, string Id, int ExitCode);

/// <summary>The result of spec with a format.</summary>
internal sealed record SpecJson(
    int SchemaVersion, FormatJson Format, string Doc, IReadOnlyList<SpecConstantJson> Constants, IReadOnlyList<SpecRecordJson> Records,
    IReadOnlyList<SpecUnionJson> Unions, IReadOnlyList<SpecEnumJson> Enums, IReadOnlyList<SpecRuleJson> Rules);

/// <summary>Formats and their specs in JSON.</summary>
internal static class SpecReport
{
    /// <summary>All formats.</summary>
    public static SpecsJson List() => new(1, [.. FormatTable.All.Select(ToJson)]);

    /// <summary>One format, with everything that its spec says.</summary>
    public static SpecJson Of(FormatRow row) => new(
        1, ToJson(row), row.Spec.Doc,
        [.. row.Spec.Constants.Select(item => new SpecConstantJson(item.Name, item.Value, item.Doc))],
        [.. row.Spec.Records.Select(item => new SpecRecordJson(item.Name, item.Parameters, item.Doc, [.. item.Fields.Select(ToJson)]))],
        [.. row.Spec.Unions.Select(ToJson)],
        [.. row.Spec.Enums.Select(ToJson)],
        [.. SpecRules.Of(row.Spec).Select(rule => new SpecRuleJson(rule.Name, rule.Row.Id, (int)rule.Row.ExitCode))]);

    private static FormatJson ToJson(FormatRow row) => new(row.Name, row.Spec.Version, row.Extension, row.Spec.Signature, row.Summary);

    private static SpecFieldJson ToJson(SpecField field) =>
        new(field.Name, field.Type.ToString()!, field.Section?.ToString(), [.. field.Constraints.Select(constraint => constraint.ToString())], field.Doc);

    private static SpecUnionJson ToJson(SpecUnion union) => new(
        union.Name, union.Storage?.ToString(), union.By, union.Doc, [.. union.Cases.Select(item => new SpecCaseJson(item.Name, item.Tag, item.Type.ToString()!, item.Doc))]);

    private static SpecEnumJson ToJson(SpecEnum item) => new(
        item.Name, item.Storage.ToString(), item.Doc, [.. item.Members.Select(word => new SpecWordJson(word.Name, word.Value, word.Block, word.Size?.ToString(), word.Doc))]);
}
