using BiMamba.Evaluation;
using BiMamba.Pipeline;

namespace BiMamba.Toolchain;

/// <summary>What a conversion gave.</summary>
/// <param name="Path">The file.</param>
/// <param name="IsWritten">True where it was written, read back and found to be what was meant; false where nothing was to be written.</param>
/// <param name="Pipeline">The stages that ran, as pipeline text with all options.</param>
/// <param name="Sizes">Where the bytes of the file go, and bits a weight.</param>
/// <param name="Measurements">What the passes measured, in order.</param>
/// <param name="Validation">The comparison of the file with its source, or null where none was asked for.</param>
/// <param name="CalibrationOverlap">How much of the text of the comparison is in the calibration; null where that is not known.</param>
public sealed record ConvertResult(
    string Path, bool IsWritten, string Pipeline, SizeLedger Sizes, IReadOnlyList<PassMeasurement> Measurements, ComparisonResult? Validation, NgramOverlap? CalibrationOverlap);
