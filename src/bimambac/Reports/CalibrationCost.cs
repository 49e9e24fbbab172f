using System.Globalization;
using BiMamba.Measurement;
using BiMamba.Passes.Shared.LowBit;
using BiMamba.Pipeline;

namespace BiMamba.CommandLine.Reports;

/// <summary>What the blocks of calibrated passes took, beside what their arithmetic takes at the fp32 multiply-add peak of the machine.</summary>
internal static class CalibrationCost
{
    /// <summary>A line for every block; none where no pass was calibrated.</summary>
    /// <param name="measurements">What the passes measured.</param>
    /// <param name="threads">Threads that they had.</param>
    public static IEnumerable<string> Lines(IReadOnlyList<PassMeasurement> measurements, int threads)
    {
        var blocks = measurements.Where(measured => measured.Measure == CalibratedPass.BlockSeconds).ToList();
        if (blocks.Count == 0)
            yield break;
        var peak = FmaPeak.Measure(threads);
        foreach (var block in blocks)
        {
            var operations = measurements.First(measured => measured.Measure == CalibratedPass.BlockOperations && measured.Stage == block.Stage && measured.Resource == block.Resource).Value;
            var least = operations / peak;
            yield return string.Create(CultureInfo.InvariantCulture, $"{block.Stage} {block.Resource}: {block.Value:0.00} s; moments and one forward pass of its linears are {operations / 1e9:0.0} GFLOP, {least:0.00} s at the peak of {peak / 1e9:0} GFLOP/s: {block.Value / least:0.0} times");
        }
    }
}
