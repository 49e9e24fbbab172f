using System.Globalization;
using System.Runtime.InteropServices;
using BiMamba.Diagnostics;
using BiMamba.Pipeline;
using BiMamba.Tensors;

namespace BiMamba.Toolchain.Journal;

/// <summary>The residual stream of all samples before a block as a file.</summary>
internal static class StateArchive
{
    private static readonly IReadOnlyDictionary<string, string> NoTexts = new Dictionary<string, string>(StringComparer.Ordinal).AsReadOnly();

    /// <summary>Writes a state; false with an error where that fails.</summary>
    public static bool Write(string path, string purpose, CalibrationState state, DiagnosticBag diagnostics, CancellationToken cancellation) =>
        JournalArchive.Write(path, purpose, [.. state.Samples.Select((values, sample) => KeyValuePair.Create<string, Tensor>(Name(sample), new FloatTensor(values)))], NoTexts, diagnostics, cancellation);

    /// <summary>Reads the state before a block; null with the reason where the file is damaged.</summary>
    public static CalibrationState? Read(string path, string purpose, int block, out string? reason)
    {
        string? found = null;
        var result = JournalArchive.Read(path, purpose, (tensors, _) =>
        {
            var samples = Enumerable.Range(0, tensors.Count).Select(sample => tensors.GetValueOrDefault(Name(sample))).Select(tensor => tensor is { Type: ElementType.F32 } ? tensor.ToSingles() : null).ToArray();
            found = "expected samples of f32 from the first to the last";
            return samples.Contains(null) ? null : new CalibrationState(block, [.. samples.OfType<float[]>()]);
        }, ref found);
        reason = found;
        return result;
    }

    private static string Name(int sample) => sample.ToString("D6", CultureInfo.InvariantCulture);

    /// <summary>Numbers where they lie.</summary>
    private sealed class FloatTensor(float[] values) : Tensor(ElementType.F32, Shape.Of(values.Length))
    {
        public override void Read(long offset, Span<byte> destination)
        {
            CheckRange(offset, destination.Length);
            var copied = 0;
            while (copied < destination.Length)
            {
                // Offsets in bytes of a large array do not fit a span: whole numbers are skipped first.
                var first = (offset + copied) / sizeof(float);
                var rest = MemoryMarshal.AsBytes(values.AsSpan((int)first, (int)Math.Min(1 << 20, values.Length - first)))[(int)((offset + copied) % sizeof(float))..];
                var count = Math.Min(rest.Length, destination.Length - copied);
                rest[..count].CopyTo(destination[copied..]);
                copied += count;
            }
        }
    }
}
