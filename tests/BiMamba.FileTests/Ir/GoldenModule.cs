using BiMamba.Diagnostics;
using BiMamba.FileTests.Cases;
using BiMamba.IR;
using BiMamba.IR.Reading;
using BiMamba.Kernels;
using BiMamba.Runtime;

namespace BiMamba.FileTests.Ir;

/// <summary>The modules of golden files, and what they compute.</summary>
internal static class GoldenModule
{
    /// <summary>The module of a golden file, with the weights that the file gives it.</summary>
    /// <exception cref="CaseException">It is not valid.</exception>
    public static Module Read(GoldenInput input)
    {
        var bag = new DiagnosticBag();
        if (IrParser.Parse(input.Source, bag) is { } text && GoldenWeights.Bind(input, text, bag) is { } module)
            return module;
        throw new CaseException(bag.Items[0].Place.Line ?? 1, $"{bag.Items[0].Id} {bag.Items[0].Message}");
    }

    /// <summary>What the last block returns, [ids, width].</summary>
    public static float[] Run(Module module, ReadOnlySpan<int> ids)
    {
        var runner = new ModelRunner(module, new RuntimeOptions(2));
        var results = new float[ids.Length * runner.VocabularyRows];
        runner.Run(runner.NewState(), ids, (first, rows) => Copy(first, rows, results));
        return results;
    }

    private static void Copy(int first, Rows rows, float[] results)
    {
        for (var t = 0; t < rows.Count; t++)
            rows[t].CopyTo(results.AsSpan((first + t) * rows.Width));
    }
}
