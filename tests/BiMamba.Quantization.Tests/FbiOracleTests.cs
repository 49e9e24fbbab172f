using BiMamba.Passes.Shared.Coding;
using BiMamba.Passes.Xnor;

namespace BiMamba.Quantization;

/// <summary>The binarizers of FBI-LLM and Bi-Mamba as their layers begin.</summary>
public sealed class FbiOracleTests
{
    private const double WeightTolerance = 1e-6;
    private const double OutputTolerance = 1e-4;

    [Theory]
    [InlineData("tiny_48x64")]
    [InlineData("half_80x192")]
    [InlineData("ties_48x128")]
    [InlineData("degenerate_56x192")]
    public void Learnable_scales_begin_as_means(string layer)
    {
        var (source, oracle) = (Oracle.Load("layer", layer), Oracle.Load("fbi", layer));
        var faults = new List<string>();
        foreach (var (name, axis) in new[] { ("row", ScaleAxis.Row), ("column", ScaleAxis.Column), ("single", ScaleAxis.Tensor) })
        {
            var binarized = Binarize(source, axis, XnorCenter.Restore);
            var scale = binarized.ColumnScale ?? binarized.RowScale!;
            var shift = binarized.ColumnShift ?? binarized.RowShift!;
            var prefix = $"wscales_{name}";
            faults.AddRange(Compare.Within($"{prefix}.wscale", Spread(oracle.Floats($"{prefix}.wscale"), scale.Length), scale, WeightTolerance));
            faults.AddRange(Compare.Within($"{prefix}.wbias", Spread(oracle.Floats($"{prefix}.wbias"), shift.Length), shift, WeightTolerance));
            faults.AddRange(Compare.Within($"{prefix}.Wb", oracle.Floats($"{prefix}.Wb"), binarized.Dequantize(), WeightTolerance));
            faults.AddRange(Output(oracle, $"{prefix}.y", binarized.Dequantize(), binarized.Columns));
        }

        Assert.Empty(faults);
    }

    [Theory]
    [InlineData("tiny_48x64")]
    [InlineData("half_80x192")]
    [InlineData("ties_48x128")]
    [InlineData("degenerate_56x192")]
    public void Fixed_scales_are_mean_magnitudes(string layer)
    {
        var (source, oracle) = (Oracle.Load("layer", layer), Oracle.Load("fbi", layer));
        var centered = Binarize(source, ScaleAxis.Row, XnorCenter.Subtract).Dequantize();
        var plain = Binarize(source, ScaleAxis.Row, XnorCenter.None);
        var signs = Array.ConvertAll(plain.Sign, sign => (float)sign);
        List<string> faults =
        [
            .. Compare.Within("xnor.Wb", oracle.Floats("xnor.Wb"), centered, WeightTolerance),
            .. Compare.Within("bireal.Wb", oracle.Floats("bireal.Wb"), plain.Dequantize(), WeightTolerance),
            .. Output(oracle, "sign.y", signs, plain.Columns),
        ];
        Assert.Empty(faults);
    }

    private static SignWeight Binarize(Oracle source, ScaleAxis axis, XnorCenter center)
    {
        var shape = source.Shape("W");
        return XnorQuantizer.Quantize(source.Floats("W"), checked((int)shape[0]), checked((int)shape[1]), new XnorSettings(axis, center));
    }

    private static IEnumerable<string> Output(Oracle oracle, string name, float[] weight, int columns) =>
        Compare.Within(name, oracle.Floats(name), QuantizeLinear.Multiply(oracle.Floats("x"), weight, columns, oracle.Floats("bias")), OutputTolerance);

    private static float[] Spread(float[] values, int length) => values.Length == 1 ? [.. Enumerable.Repeat(values[0], length)] : values;
}
