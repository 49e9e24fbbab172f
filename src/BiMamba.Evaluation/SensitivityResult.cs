using BiMamba.Pipeline;

namespace BiMamba.Evaluation;

/// <summary>A part of a model whose precision can be chosen by itself.</summary>
/// <param name="Name">Its name, which is also the pattern of pipeline text that names it.</param>
/// <param name="Weights">Its weights.</param>
/// <param name="Bytes">Their bytes in full precision.</param>
public sealed record SensitivityPart(string Name, long Weights, long Bytes);

/// <summary>A precision of one part.</summary>
/// <param name="Part">The part.</param>
/// <param name="Bits">Bits of a code, or null where the method has no choice of them.</param>
/// <param name="Pipeline">The stages that give it to that part, and leave everything else as it is but for packing.</param>
public sealed record SensitivityCandidate(SensitivityPart Part, int? Bits, PassPipeline Pipeline);

/// <summary>What a precision of one part costs.</summary>
/// <param name="Candidate">The precision.</param>
/// <param name="StoredBytes">Bytes of the part as it is stored: codes, scales, zeros and padding.</param>
/// <param name="Kl">The model with that part in that precision, beside the model in full precision.</param>
public sealed record SensitivityResult(SensitivityCandidate Candidate, long StoredBytes, KlResult Kl)
{
    /// <summary>Stored bits a weight of the part.</summary>
    public double BitsPerWeight => 8.0 * StoredBytes / Candidate.Part.Weights;

    /// <summary>Bytes that the part takes less than in full precision.</summary>
    public long SavedBytes => Candidate.Part.Bytes - StoredBytes;
}

/// <summary>How far a measurement is.</summary>
/// <param name="Candidate">What is being measured.</param>
/// <param name="Windows">Windows that are done, over all candidates.</param>
/// <param name="Total">Windows in all.</param>
public readonly record struct SensitivityProgress(SensitivityCandidate Candidate, int Windows, int Total);
