using BiMamba.Tensors;

namespace BiMamba.IR.Tests;

/// <summary>The layer of a <see cref="Mamba2Sample"/> in fp64, written down from the papers: nothing of the runtime.</summary>
internal sealed class Mamba2Reference(Mamba2Sample sample, Module module)
{
    private const int Width = Mamba2Sample.Width;
    private const int Inner = Mamba2Sample.Inner;
    private const int StateSize = Mamba2Sample.StateSize;
    private const int HeadDim = Mamba2Sample.HeadDim;
    private readonly double[] scan = new double[Inner * StateSize];
    private readonly List<double[]> inputs = [];

    /// <summary>What the layer returns for each id in turn, [ids, width].</summary>
    public double[] Run(ReadOnlySpan<int> ids)
    {
        var results = new List<double>();
        foreach (var id in ids)
            results.AddRange(Step(Weight("embedding.weight").AsSpan(id * Width, Width).ToArray()));
        return [.. results];
    }

    private double[] Step(double[] r)
    {
        var p = Fbi("layers.0.in_proj", Norm(r, Weight("layers.0.norm.weight"), Width), sample.Projected);
        var z = p[..Inner];
        var conv = Convolve(p[Inner..(Inner + sample.ConvChannels)]);
        var state = sample.Groups * StateSize;
        var y = Scan(conv[..Inner], p[^Mamba2Sample.Heads..], conv[Inner..(Inner + state)], conv[(Inner + state)..]);
        var gate = z.Select(Silu).ToArray();
        var weight = Weight("layers.0.gate_norm.weight");
        var g = sample.NormBeforeGate
            ? Norm(y, weight, sample.NormGroupSize).Zip(gate, (left, right) => left * right).ToArray()
            : Norm([.. y.Zip(gate, (left, right) => left * right)], weight, sample.NormGroupSize);
        return [.. r.Zip(Fbi("layers.0.out_proj", g, Width), (left, right) => left + right)];
    }

    private double[] Convolve(double[] input)
    {
        inputs.Add(input);
        var (weight, bias) = (Weight("layers.0.conv.weight"), Weight("layers.0.conv.bias"));
        var result = new double[input.Length];
        for (var c = 0; c < result.Length; c++)
        {
            var sum = bias[c];
            for (var tap = 0; tap < sample.ConvWidth; tap++)
            {
                var t = inputs.Count - sample.ConvWidth + tap;
                sum += t < 0 ? 0 : weight[(c * sample.ConvWidth) + tap] * inputs[t][c];
            }

            result[c] = Silu(sum);
        }

        return result;
    }

    private double[] Scan(double[] x, double[] raw, double[] b, double[] c)
    {
        var (aLog, d, bias) = (Weight("layers.0.a_log"), Weight("layers.0.d"), Weight("layers.0.dt_bias"));
        var y = new double[Inner];
        for (var channel = 0; channel < Inner; channel++)
        {
            var head = channel / HeadDim;
            var group = head / (Mamba2Sample.Heads / sample.Groups) * StateSize;
            var dt = Math.Clamp(Math.Log(1 + Math.Exp(raw[head] + bias[head])), sample.DtMin, sample.DtMax);
            var sum = d[sample.DPerChannel ? channel : head] * x[channel];
            for (var n = 0; n < StateSize; n++)
            {
                ref var h = ref scan[(channel * StateSize) + n];
                h = (h * Math.Exp(-dt * Math.Exp(aLog[head]))) + (dt * x[channel] * b[group + n]);
                sum += h * c[group + n];
            }

            y[channel] = sum;
        }

        return y;
    }

    private double[] Fbi(string prefix, double[] x, int rows)
    {
        var (latent, scale, shift, bias) = (Weight(prefix + ".weight"), Weight(prefix + ".scale"), Weight(prefix + ".shift"), Weight(prefix + ".bias"));
        return [.. Enumerable.Range(0, rows).Select(row => bias[row] + x.Select((value, j) => ((scale[j] * Math.Sign(latent[(row * x.Length) + j])) + shift[j]) * value).Sum())];
    }

    private static double[] Norm(double[] x, double[] weight, int group)
    {
        double Root(int j) => Math.Sqrt(x.Skip(j / group * group).Take(group).Sum(value => value * value) / group + Mamba2Sample.Eps);
        return [.. x.Select((value, j) => value / Root(j) * weight[j])];
    }

    private static double Silu(double value) => value / (1 + Math.Exp(-value));

    private double[] Weight(string name) => Array.ConvertAll(module.Resources[name].Data.ToSingles(), value => (double)value);
}
