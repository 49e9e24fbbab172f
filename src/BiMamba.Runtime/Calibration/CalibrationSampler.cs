using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;

namespace BiMamba.Runtime.Calibration;

/// <summary>Draws windows of a text as the calibrations of GPTQ do: each begins at <c>random.randint(0, tokens - length - 1)</c>.</summary>
public static class CalibrationSampler
{
    /// <summary>The windows; null with an error where the text is too short.</summary>
    /// <param name="ids">Token ids of the text.</param>
    /// <param name="samples">Windows.</param>
    /// <param name="length">Tokens of a window.</param>
    /// <param name="seed">Seed of <see cref="PythonRandom"/>.</param>
    /// <param name="file">The text, for the message.</param>
    /// <param name="diagnostics">Receives the error.</param>
    public static IReadOnlyList<int[]>? Draw(int[] ids, int samples, int length, int seed, string file, DiagnosticBag diagnostics)
    {
        if (ids.Length <= length)
        {
            diagnostics.Add(RuntimeDiagnostics.TextTooShort, $"expected more than {length} tokens, one window, found {ids.Length}", Place.OfFile(file), "use a longer text or a smaller --seqlen");
            return null;
        }

        var random = new PythonRandom(seed);
        return [.. Enumerable.Range(0, samples).Select(_ => random.Between(0, ids.Length - length - 1)).Select(first => ids[first..(first + length)])];
    }
}
