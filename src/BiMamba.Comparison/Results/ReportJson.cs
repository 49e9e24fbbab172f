using System.Text.Json;
using System.Text.Json.Serialization;

namespace BiMamba.Comparison.Results;

/// <summary>How results are written as JSON.</summary>
[JsonSerializable(typeof(ComparisonReport))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true, NewLine = "\n", NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
public sealed partial class ReportJson : JsonSerializerContext;
