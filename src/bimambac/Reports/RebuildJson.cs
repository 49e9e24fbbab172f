using BiMamba.Toolchain.Rebuilding;

namespace BiMamba.CommandLine.Reports;

/// <summary>A tensor as the file holds it, or as the recipe gives it.</summary>
internal sealed record RebuiltTensorJson(string Type, long Bytes, string Sha256);

/// <summary>A tensor that differs; null where there is none of the name.</summary>
internal sealed record TensorDifferenceJson(string Name, RebuiltTensorJson? File, RebuiltTensorJson? Rebuilt);

/// <summary>The first line of the module's text that differs.</summary>
internal sealed record ModuleDifferenceJson(string File, string Rebuilt);

/// <summary>What --check found. The model is equal where tensors, module and tokenizer are; the file where all its bytes are.</summary>
internal sealed record RebuildCheckJson(
    bool ModelEqual, bool FileEqual, int Tensors, int TensorsEqual, IReadOnlyList<TensorDifferenceJson> TensorDifferences, ModuleDifferenceJson? ModuleDifference, bool TokenizerEqual,
    bool RecipeEqual, IReadOnlyList<RecipeDifference> RecipeDifferences);

/// <summary>The result of rebuild: the version that made the file, the one that made it again, what was written and what was found.</summary>
internal sealed record RebuildJson(
    int SchemaVersion, string File, string Pipeline, string FileVersion, string Version, string? Output, long? OutputBytes, RebuildCheckJson? Check, IReadOnlyList<DiagnosticJson> Diagnostics);
