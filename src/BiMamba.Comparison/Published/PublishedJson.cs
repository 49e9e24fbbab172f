using System.Text.Json.Serialization;

namespace BiMamba.Comparison.Published;

/// <summary>How published tables are read from JSON.</summary>
[JsonSerializable(typeof(IReadOnlyList<PublishedTable>))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
internal sealed partial class PublishedJson : JsonSerializerContext;
