using System.Numerics.Tensors;
using System.Runtime.Intrinsics;
using BiMamba.Kernels;
using BiMamba.Passes.Shared.Coding;

namespace BiMamba.Passes.Gptq;

/// <summary>The state of a GPTQ run over one weight: coded and not yet coded columns, in coding order.</summary>
internal sealed class GptqRun
{
    private const int PanelRows = 48;
    private const int TileColumns = 64;
    private const int Lanes = 8;

    private readonly HessianFactor factor;
    private readonly int rows;
    private readonly double[] losses;

    public GptqRun(float[] weight, int rows, int columns, HessianFactor factor, GptqSettings settings)
    {
        (Weight, this.rows, Columns, this.factor, Settings) = (weight, rows, columns, factor, settings);
        Codes = new byte[weight.Length];
        Grids = new GroupGrids(rows, CodedWeight.GroupCount(columns, settings.Group), settings.Grid);
        losses = new double[rows];
    }

    public GptqSettings Settings { get; }

    public int Columns { get; }

    /// <summary>Weights [rows, columns] in coding order, overwritten behind each coded block.</summary>
    public float[] Weight { get; }

    /// <summary>Codes [rows, columns] in coding order.</summary>
    public byte[] Codes { get; }

    public GroupGrids Grids { get; }

    public double Loss => losses.Sum();

    /// <summary>Codes the columns of one block, and updates those behind it.</summary>
    public void CodeBlock(int first, int count, ParallelOptions options)
    {
        var block = new GptqBlock(factor, first, count, Settings);
        Parallel.For(
            0,
            (rows + PanelRows - 1) / PanelRows,
            options,
            () => new Scratch(block.Width, count),
            (panel, _, scratch) =>
            {
                var row = panel * PanelRows;
                CodePanel(block, row, Math.Min(PanelRows, rows - row), scratch);
                return scratch;
            },
            _ => { });
    }

    private void CodePanel(GptqBlock block, int firstRow, int height, Scratch scratch)
    {
        for (var i = 0; i < height; i++)
            CodeRow(block, firstRow + i, scratch.Row, scratch.Errors.AsSpan(i * block.Count, block.Count));
        var errors = new Rows(scratch.Errors.AsSpan(0, height * block.Count), height, block.Count);
        var behind = block.First + block.Count;
        for (var column = behind; column < Columns; column += TileColumns)
        {
            var width = Math.Min(TileColumns, Columns - column);
            var update = new MutableRows(scratch.Update.AsSpan(0, height * width), height, width);
            RowProduct.Multiply(errors, block.Behind.AsSpan((column - behind) * block.Count, width * block.Count), update);
            for (var i = 0; i < height; i++)
            {
                var target = Weight.AsSpan(((firstRow + i) * Columns) + column, width);
                TensorPrimitives.Subtract(target, update[i], target);
            }
        }
    }

    private void CodeRow(GptqBlock block, int row, Span<float> weights, Span<float> errors)
    {
        Weight.AsSpan((row * Columns) + block.First, block.Count).CopyTo(weights);
        var codes = Codes.AsSpan((row * Columns) + block.First, block.Count);
        var loss = 0.0;
        var group = -1;
        MinMaxGrid grid = default;
        for (var i = 0; i < codes.Length; i++)
        {
            if (block.Groups[i] != group)
            {
                group = block.Groups[i];
                grid = Grids[row, group];
            }

            var level = grid.Level(weights[i]);
            codes[i] = (byte)level;
            var error = (weights[i] - (grid.Scale * (level - grid.Zero))) / block.Diagonal[i];
            errors[i] = error;
            loss += 0.5 * error * error;
            Spread(error, block.Inside.AsSpan(i * block.Width, block.Width), weights, i);
        }

        losses[row] += loss;
    }

    /// <summary>Subtracts the error from the columns behind; product and difference are rounded apart, as published.</summary>
    private static void Spread(float error, ReadOnlySpan<float> factors, Span<float> weights, int column)
    {
        var errors = Vector256.Create(error);
        for (var i = (column + 1) / Lanes * Lanes; i < factors.Length; i += Lanes)
        {
            var product = errors * Vector256.Create(factors.Slice(i, Lanes));
            (Vector256.Create<float>(weights.Slice(i, Lanes)) - product).CopyTo(weights[i..]);
        }
    }

    /// <summary>What one thread needs for a panel of rows.</summary>
    private sealed class Scratch(int width, int count)
    {
        public float[] Row { get; } = new float[width];

        public float[] Errors { get; } = new float[PanelRows * count];

        public float[] Update { get; } = new float[PanelRows * TileColumns];
    }
}
