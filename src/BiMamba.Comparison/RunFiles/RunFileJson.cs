using System.Text.Json;
using System.Text.Json.Serialization;

namespace BiMamba.Comparison.RunFiles;

/// <summary>How run files are read: names as in the schema, nothing unknown, comments and a last comma allowed.</summary>
[JsonSerializable(typeof(RunFile))]
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true, ReadCommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true, WriteIndented = true, NewLine = "\n", AllowDuplicateProperties = false)]
internal sealed partial class RunFileJson : JsonSerializerContext;
