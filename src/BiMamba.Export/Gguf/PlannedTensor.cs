using BiMamba.Formats.Gguf;
using BiMamba.Tensors;

namespace BiMamba.Export.Gguf;

/// <summary>A tensor of the file.</summary>
/// <param name="Stored">What is written.</param>
/// <param name="Exact">The weight that it stands for; null for the small tensors of fp32, which are exact.</param>
internal sealed record PlannedTensor(GgufTensor Stored, Tensor? Exact = null);
