using System.Globalization;

namespace BiMamba.Quantization;

/// <summary>The weights and outputs of the layer <c>QuantizeLinear</c>, all bits and scales.</summary>
public sealed class QuantizeLinearOracleTests
{
    [Theory]
    [InlineData("tiny_48x64", 0)]
    [InlineData("ties_48x128", 1)]
    [InlineData("degenerate_56x192", 1)]
    public void Weights_and_outputs_are_those_of_the_layer(string layer, int withNaN)
    {
        var (source, oracle) = (Oracle.Load("layer", layer), Oracle.Load("quantlinear", layer));
        var (weight, x) = (source.Floats("W"), oracle.Floats("x"));
        var columns = checked((int)source.Shape("W")[1]);
        var variants = oracle.Names.Where(name => name.EndsWith(".Wq", StringComparison.Ordinal)).Select(name => name[..^3]).ToArray();
        Assert.Equal(12, variants.Length);
        var faults = new List<string>();
        foreach (var variant in variants)
        {
            var parts = variant.Split('_');
            var quantized = QuantizeLinear.Weight(weight, columns, int.Parse(parts[0][1..], CultureInfo.InvariantCulture), parts[1]);
            faults.AddRange(Compare.Within($"{variant}.Wq", oracle.Floats($"{variant}.Wq"), quantized, 2e-6));
            faults.AddRange(Compare.Within($"{variant}.y", oracle.Floats($"{variant}.y"), QuantizeLinear.Multiply(x, quantized, columns), 1e-4));
        }

        Assert.Empty(faults);
        Assert.Equal(withNaN, variants.Count(variant => oracle.Floats($"{variant}.Wq").Any(float.IsNaN)));
    }
}
