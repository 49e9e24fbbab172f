using BiMamba.Runtime;

namespace BiMamba.Evaluation.StateAudit;

/// <summary>The errors of states, head by head, at one position after the other.</summary>
/// <param name="scans">The scans of both models.</param>
internal sealed class StateErrors(IReadOnlyList<ScanSlot> scans)
{
    private readonly List<double>[][] errors = [.. scans.Select(scan => Enumerable.Range(0, scan.Parts).Select(_ => new List<double>()).ToArray())];

    /// <summary>The errors of a head, by position.</summary>
    public IReadOnlyList<double> Of(int scan, int head) => errors[scan][head];

    /// <summary>Compares states as they stand.</summary>
    public void Measure(ModelState reference, ModelState other)
    {
        for (var scan = 0; scan < errors.Length; scan++)
        {
            var expected = reference.Scan(scan);
            var found = other.Scan(scan);
            var length = scans[scan].PartLength;
            for (var head = 0; head < errors[scan].Length; head++)
                errors[scan][head].Add(Relative(expected.Slice(head * length, length), found.Slice(head * length, length)));
        }
    }

    private static double Relative(ReadOnlySpan<float> expected, ReadOnlySpan<float> found)
    {
        double difference = 0;
        double norm = 0;
        for (var i = 0; i < expected.Length; i++)
        {
            var error = (double)found[i] - expected[i];
            difference += error * error;
            norm += (double)expected[i] * expected[i];
        }

        return difference == 0 ? 0 : Math.Sqrt(difference / norm);
    }
}
