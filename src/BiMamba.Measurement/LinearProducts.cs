using BiMamba.IR;
using BiMamba.Kernels;
using BiMamba.Measurement.Probing;

namespace BiMamba.Measurement;

/// <summary>
/// The products with sign planes alone, for many tokens at once: what the linear layers of a packed module cost in a
/// prefill, without the rest of the layers. One plane of each shape stands for all of that shape.
/// </summary>
public sealed class LinearProducts
{
    private const int Seed = 1;

    private const int PieceTokens = 4 * FixedSignProduct.TileTokens;

    // Units last about as long as a pass of the peak, so that both meet the same disturbances.
    private const int UnitTokens = 4 * PieceTokens;
    private const int Passes = 4;
    private const int CacheLine = 16;

    private readonly int threads;
    private readonly int tokens;
    private readonly List<Product> products;

    private LinearProducts(int threads, int tokens, List<Product> products)
    {
        this.threads = threads;
        this.tokens = tokens;
        this.products = products;
    }

    /// <summary>The products of a module; null where it has no packed sign planes.</summary>
    /// <param name="module">A module with its weights.</param>
    /// <param name="threads">Threads, which take tiles of tokens and ranges of rows in turn.</param>
    /// <param name="tokens">Activation rows.</param>
    public static LinearProducts? Of(Module module, int threads, int tokens)
    {
        var planes = module.Blocks.SelectMany(block => block.Body).Where(op => op.Code == OpCode.SignLinear)
            .Select(op => module.Resources[op.Get("sign")]).Where(plane => plane.Encoding == Encoding.Sign1 && plane.HasData);
        var products = planes.GroupBy(plane => (Rows: plane.Shape[0], Columns: plane.Shape[1]))
            .Select(group => new Product(group.First(), group.Count(), threads, tokens)).ToList();
        return products.Count == 0 ? null : new LinearProducts(threads, tokens, products);
    }

    /// <summary>Floating-point operations a second, two for each weight and token: the best of a few passes over every few tokens, as of the peak.</summary>
    public double Measure()
    {
        var (operations, seconds) = (0.0, 0.0);
        foreach (var product in products)
        {
            operations += 2.0 * product.Rows * product.Columns * tokens * product.Count;
            for (var unit = 0; unit < product.Units; unit++)
            {
                var best = double.MaxValue;
                for (var pass = 0; pass < Passes; pass++)
                {
                    product.Begin(unit);
                    best = Math.Min(best, ThreadTeam.Seconds(threads, product.Run));
                }

                seconds += best * product.Count;
            }
        }

        return operations / seconds;
    }

    private sealed class Product
    {
        private readonly byte[] tiles;
        private readonly float[] x;
        private readonly float[] y;
        private readonly float[][] scratch;
        private readonly int tokens;
        private readonly int ranges;
        private readonly int rangeRows;
        private int next = -1;
        private int end;

        public Product(Resource plane, int count, int threads, int tokens)
        {
            this.tokens = tokens;
            (Rows, Columns, Count) = (checked((int)plane.Shape[0]), checked((int)plane.Shape[1]), count);
            tiles = new byte[plane.Data.ByteLength];
            plane.Data.Read(0, tiles);
            var random = new Random(Seed);
            x = new float[checked(tokens * Columns)];
            for (var i = 0; i < x.Length; i++)
                x[i] = (float)random.NextDouble() - 0.5f;
            y = new float[checked(tokens * Rows)];
            var ranges = (Rows + FixedSignProduct.BestRows - 1) / FixedSignProduct.BestRows;
            rangeRows = (((Rows + ranges - 1) / ranges) + FixedSignProduct.BestRowGrain - 1) / FixedSignProduct.BestRowGrain * FixedSignProduct.BestRowGrain;
            this.ranges = (Rows + rangeRows - 1) / rangeRows;
            scratch = [.. Enumerable.Range(0, threads).Select(_ => GC.AllocateArray<float>(FixedSignProduct.ScratchLength(rangeRows) + CacheLine, pinned: true))];
        }

        public int Rows { get; }

        public int Columns { get; }

        public int Count { get; }

        /// <summary>Parts of the tokens that are timed one by one.</summary>
        public int Units => (tokens + UnitTokens - 1) / UnitTokens;

        /// <summary>Makes a unit the next to run.</summary>
        public void Begin(int unit)
        {
            next = (unit * UnitTokens / PieceTokens * ranges) - 1;
            end = Math.Min((unit + 1) * UnitTokens / PieceTokens, (tokens + PieceTokens - 1) / PieceTokens) * ranges;
        }

        /// <summary>Takes pieces, a tile of tokens by a range of rows, until none is left.</summary>
        public void Run(int thread)
        {
            for (int piece; (piece = Interlocked.Increment(ref next)) < end;)
            {
                var first = piece % ranges * rangeRows;
                var token = piece / ranges * PieceTokens;
                var (rows, count) = (Math.Min(rangeRows, Rows - first), Math.Min(PieceTokens, tokens - token));
                FixedSignProduct.Multiply(
                    tiles, Rows, new Rows(x, tokens, Columns).Slice(token, count), [], first / SignTiles.TileRows,
                    new MutableRows(y.AsSpan((token * Rows) + first), count, rows, Rows), Aligned(scratch[thread]));
            }
        }

        // Pinned memory stays where it is, so that the first cache line is found once and for all.
        private static unsafe Span<float> Aligned(float[] values)
        {
            var address = (nint)System.Runtime.CompilerServices.Unsafe.AsPointer(ref values[0]);
            var line = CacheLine * sizeof(float);
            return values.AsSpan((int)(((address + line - 1) / line * line) - address) / sizeof(float));
        }
    }
}
