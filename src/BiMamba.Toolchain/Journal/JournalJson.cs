using System.Text.Json.Serialization;

namespace BiMamba.Toolchain.Journal;

/// <summary>The first file of a journal: whose it is.</summary>
internal sealed record ManifestJson(int SchemaVersion, IReadOnlyList<JournalPart> Key);

/// <summary>A warning or a note of a finished block.</summary>
internal sealed record KeptDiagnosticJson(string Id, string Message, string? File, string? Tensor, string? Field, string? Hint);

/// <summary>A measurement of a pass.</summary>
internal sealed record MeasurementJson(string Pass, string Tensor, string Measure, double Value);

/// <summary>What was measured on a finished block and said of it.</summary>
internal sealed record BlockReportsJson(IReadOnlyList<MeasurementJson> Measurements, IReadOnlyList<KeptDiagnosticJson> Diagnostics);

/// <summary>JSON of journals.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(ManifestJson))]
[JsonSerializable(typeof(BlockReportsJson))]
internal sealed partial class JournalSchema : JsonSerializerContext;
