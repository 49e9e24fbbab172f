using BiMamba.Kernels;
using BiMamba.Passes.Gptq;

namespace BiMamba.Quantization;

/// <summary>The Hessian and the factor of its inverse against the official ones.</summary>
public sealed class HessianOracleTests
{
    public static TheoryData<string> LayerNames => Layers.Theory;

    [Theory]
    [MemberData(nameof(LayerNames))]
    public void The_Hessian_is_a_mean_over_sequences(string layer)
    {
        var oracle = Oracle.Load("layer", layer);

        // Three layers come without inputs.
        if (!oracle.Has("X"))
            return;
        var hessian = Hessian(oracle, rangeRows: int.MaxValue);
        Assert.Equal(hessian, Hessian(oracle, rangeRows: 48));
        var error = Layers.ErrorOfMax(oracle.Floats("H"), hessian);
        Assert.True(error <= 1e-6, $"{error:R} of the greatest element");
    }

    [Theory]
    [MemberData(nameof(LayerNames))]
    public void The_factor_is_that_of_the_inverse(string layer)
    {
        var oracle = Oracle.Load("layer", layer);
        var size = (int)oracle.Shape("W")[1];
        var hessian = oracle.Floats("H");
        foreach (var (name, actOrder) in new[] { ("U", false), ("U_perm", true) })
        {
            var factor = HessianFactor.Create(hessian, size, 0.01, actOrder, Layers.Threads(1)).Factor!;
            Assert.Equal(factor.U, HessianFactor.Create(hessian, size, 0.01, actOrder, Layers.Threads(3)).Factor!.U);
            AssertInverse(factor, hessian);
            if (!oracle.Has(name))
                continue;
            var error = Layers.ErrorOfMax(oracle.Floats(name), factor.U);
            Assert.True(error <= 1e-4, $"{name}: {error:R} of the greatest element");
        }
    }

    /// <summary>U A U^T = I for the damped matrix A in coding order, within what storing U as fp32 costs.</summary>
    private static void AssertInverse(HessianFactor factor, float[] hessian)
    {
        var size = factor.Size;
        var damped = new double[size * size];
        for (var i = 0; i < size; i++)
        {
            for (var j = 0; j <= i; j++)
            {
                int row = factor.Order?[i] ?? i, column = factor.Order?[j] ?? j;
                var value = i == j && factor.Dead[row] ? 1 : hessian[(row * size) + column] + (i == j ? factor.Damping * factor.MeanDiagonal : 0);
                if (i == j && factor.Dead[row])
                    value += factor.Damping * factor.MeanDiagonal;
                damped[(i * size) + j] = damped[(j * size) + i] = value;
            }
        }

        var u = Array.ConvertAll(factor.U, value => (double)value);
        var half = new double[size * size];
        var identity = new double[size * size];
        DoubleProduct.Multiply(u, size, size, damped, size, size, size, half, size);
        DoubleProduct.Multiply(half, size, size, u, size, size, size, identity, size);
        for (var i = 0; i < identity.Length; i++)
            Assert.Equal(i / size == i % size ? 1 : 0, identity[i], 1e-4);
    }

    private static float[] Hessian(Oracle oracle, int rangeRows)
    {
        var shape = oracle.Shape("X");
        int sequences = (int)shape[0], tokens = (int)shape[1], size = (int)shape[2];
        var x = oracle.Floats("X");
        var hessian = new float[size * size];
        var packed = new float[GramMatrix.PackedLength(tokens, size)];
        var scratch = new float[GramMatrix.ScratchLength];
        for (var sequence = 0; sequence < sequences; sequence++)
        {
            for (var block = 0; block < GramMatrix.Blocks(size); block++)
                GramMatrix.Pack(new Rows(x.AsSpan(sequence * tokens * size, tokens * size), tokens, size), block, packed);
            for (var first = 0; first < size; first += Math.Min(rangeRows, size - first))
            {
                var rows = Math.Min(rangeRows, size - first);
                GramMatrix.AddRows(packed, tokens, size, hessian.AsSpan(first * size, rows * size), first, rows, scratch);
            }
        }

        GramMatrix.Complete(hessian, size, 2f / sequences);
        return hessian;
    }
}
