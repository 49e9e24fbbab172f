using BiMamba.Passes.Billm;

namespace BiMamba.Quantization;

/// <summary>The compensation of a block's error.</summary>
public sealed class ErrorFeedbackTests
{
    [Theory]
    [InlineData(1, 9, 0, 3)]
    [InlineData(67, 50, 16, 32)]
    [InlineData(130, 41, 0, 40)]
    [InlineData(3, 8, 4, 8)]
    public void Later_columns_take_up_the_error_and_earlier_ones_stay(int rows, int columns, int first, int end)
    {
        var random = new Random(rows);
        float[] Values(int count) => [.. Enumerable.Range(0, count).Select(_ => (float)(random.NextDouble() - 0.5))];
        var (weight, error, factor) = (Values(rows * columns), Values(rows * (end - first)), Values(columns * columns));
        var expected = (float[])weight.Clone();
        for (var row = 0; row < rows; row++)
        {
            for (var j = end; j < columns; j++)
            {
                double sum = 0;
                for (var k = first; k < end; k++)
                    sum += (double)error[(row * (end - first)) + k - first] * factor[(k * columns) + j];
                expected[(row * columns) + j] = (float)(expected[(row * columns) + j] - sum);
            }
        }

        ErrorFeedback.Apply(weight, columns, error, factor, first, end, new ParallelOptions { MaxDegreeOfParallelism = 3 });
        Assert.Equal(expected, weight);
    }
}
