using System.Text.Json;
using BiMamba.Passes.Billm;
using BiMamba.Passes.Shared.Coding;

namespace BiMamba.Quantization;

/// <summary>A layer to binarize: W [rows, columns], H, U and the dead columns.</summary>
internal sealed record BillmProblem(int Rows, int Columns, float[] Weight, float[] Hessian, float[] Factor, bool[] Dead)
{
    /// <summary>Root of the mean square of W.</summary>
    public double Rms => Math.Sqrt(Weight.Average(value => (double)value * value));

    /// <summary>The layer of a name, with the published U where the file has it.</summary>
    public static BillmProblem Load(string layer)
    {
        var source = Oracle.Load("layer", layer);
        var shape = source.Shape("W");
        var columns = checked((int)shape[1]);
        var hessian = source.Floats("H");
        var factor = source.Has("U") ? source.Floats("U") : SlowFactor.Of(hessian, columns);
        return new BillmProblem(checked((int)shape[0]), columns, source.Floats("W"), hessian, factor, SlowFactor.Dead(hessian, columns));
    }

    /// <summary>The settings of a variant.</summary>
    public static BillmSettings Settings(JsonElement variant) => new(
        variant.GetProperty("salient_metric").GetString() == "hessian" ? SalientMetric.Hessian : SalientMetric.Magnitude,
        variant.GetProperty("blocksize").GetInt32(),
        Feedback: !variant.GetProperty("disable_gptq").GetBoolean());

    /// <summary>Regions as the published code numbers them: 1 low, 2 high, 3 salient.</summary>
    public static byte[] Regions(BraqWeight weight) =>
        [.. weight.Region.Select((region, at) => (byte)(weight.Salient[at % weight.Columns] ? 3 : region < 0 ? 1 : 2))];

    /// <summary>Quantizes by <c>braq</c>, <c>2bit</c> or <c>4bit</c>.</summary>
    public BillmResult Quantize(BillmSettings settings, string method, int threads = 2)
    {
        var options = new ParallelOptions { MaxDegreeOfParallelism = threads };
        return method == "braq"
            ? BillmQuantizer.Quantize(Weight, Rows, Columns, Factor, Dead, settings, options)
            : BillmQuantizer.Quantize(Weight, Rows, Columns, Factor, Dead, settings, new MinMaxCoder(method[0] - '0'), options);
    }

    /// <summary>tr((W - Q) H (W - Q)^T) in fp64.</summary>
    public double ProxyLoss(float[] quantized)
    {
        double loss = 0;
        for (var row = 0; row < Rows; row++)
        {
            var difference = new double[Columns];
            for (var j = 0; j < Columns; j++)
                difference[j] = (double)Weight[(row * Columns) + j] - quantized[(row * Columns) + j];
            for (var i = 0; i < Columns; i++)
            {
                double product = 0;
                for (var j = 0; j < Columns; j++)
                    product += Hessian[(i * Columns) + j] * difference[j];
                loss += difference[i] * product;
            }
        }

        return loss;
    }

    /// <summary>Rows with a value that differs by more than 1e-3 of the weight's root mean square.</summary>
    public int RowsThatDiffer(float[] expected, float[] actual)
    {
        var tolerance = 1e-3 * Rms;
        return Enumerable.Range(0, Rows).Count(row => Enumerable.Range(row * Columns, Columns).Any(at => Math.Abs(expected[at] - actual[at]) > tolerance));
    }

    /// <summary>W as each block stood when it was quantized, from the errors of the blocks before it.</summary>
    public float[] AsQuantized(BillmResult result, int block)
    {
        var standing = Array.ConvertAll(Weight, value => (double)value);
        for (var j = 0; j < Columns; j++)
        {
            for (var row = 0; row < Rows; row++)
            {
                var error = (standing[(row * Columns) + j] - result.Dequantized[(row * Columns) + j]) / Factor[(j * Columns) + j];
                for (var later = ((j / block) + 1) * block; later < Columns; later++)
                    standing[(row * Columns) + later] -= error * Factor[(j * Columns) + later];
            }
        }

        return Array.ConvertAll(standing, value => (float)value);
    }
}
