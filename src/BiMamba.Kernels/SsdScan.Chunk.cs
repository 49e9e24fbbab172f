using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace BiMamba.Kernels;

/// <content>
/// The form for many tokens: the state of 16 channels and one state dimension is loaded once, taken through 8 tokens in a
/// register and stored once; where there are 16 registers, 2 tokens at a time. The operations on each element and their order are those of the token-by-token form.
/// </content>
public static partial class SsdScan
{
    /// <summary>The tokens of a chunk: their sums, inputs and decays fill 24 of the 32 registers.</summary>
    private const int ChunkTokens = 8;

    /// <summary>
    /// The state dimensions that are taken at once, and the distance of two tokens in the tables of a chunk: their part of
    /// the state stays in the first-level cache while all channels of a head pass.
    /// </summary>
    private const int BlockStates = 32;

    // The channels whose sums are small enough for the stack.
    private const int StackChannels = 256;

    /// <summary>The whole chunks of the channels of one head that fill whole vectors; returns the number of tokens.</summary>
    private static int Chunks(in SsdScanInputs inputs, in Shape shape, int head, Span<float> state, MutableRows y)
    {
        var t = 0;
        if (y.Count < ChunkTokens)
            return t;
        Span<float> steps = stackalloc float[ChunkTokens * BlockStates];
        Span<float> c = stackalloc float[ChunkTokens * BlockStates];
        Span<float> dt = stackalloc float[Lanes.Count];
        Span<float> decay = stackalloc float[Lanes.Count];
        Span<float> sums = shape.HeadDim <= StackChannels
            ? stackalloc float[ChunkTokens * shape.HeadDim]
            : new float[ChunkTokens * shape.HeadDim];
        for (; t <= y.Count - ChunkTokens; t += ChunkTokens)
        {
            Steps(inputs, t, ChunkTokens, head, 1, dt, decay);
            sums.Clear();
            for (var n = 0; n < inputs.StateSize; n += BlockStates)
            {
                var count = Math.Min(BlockStates, inputs.StateSize - n);
                Tables(inputs, t, (head / shape.HeadsPerGroup * inputs.StateSize) + n, count, dt, steps, c);
                ref var x = ref Unsafe.Add(ref MemoryMarshal.GetReference(inputs.X[t]), head * shape.HeadDim);
                ref var h = ref Unsafe.Add(ref MemoryMarshal.GetReference(state), n * shape.HeadDim);
                for (var p = 0; p < shape.WholeChannels; p += Lanes.Count)
                {
                    if (Vector512.IsHardwareAccelerated)
                    {
                        Chunk16(
                            ref Unsafe.Add(ref x, p), inputs.X.Stride, ref steps[0], ref c[0], ref decay[0],
                            ref Unsafe.Add(ref h, p), shape.HeadDim, count, ref sums[p * ChunkTokens]);
                    }
                    else
                    {
                        Chunk16By8(
                            ref Unsafe.Add(ref x, p), inputs.X.Stride, ref steps[0], ref c[0], ref decay[0],
                            ref Unsafe.Add(ref h, p), shape.HeadDim, count, ref sums[p * ChunkTokens]);
                    }
                }
            }

            Finish(inputs, shape, head, t, sums, y);
        }

        return t;
    }

    /// <summary>dt * B and C of a chunk's tokens, [8][<see cref="BlockStates"/>].</summary>
    private static void Tables(
        in SsdScanInputs inputs, int firstToken, int first, int count, ReadOnlySpan<float> dt, Span<float> steps, Span<float> c)
    {
        for (var i = 0; i < ChunkTokens; i++)
        {
            ref var source = ref MemoryMarshal.GetReference(inputs.B[firstToken + i].Slice(first, count));
            ref var target = ref steps[i * BlockStates];
            var factor = Vector512.Create(dt[i]);
            nint n = 0;
            for (; n <= count - Lanes.Count; n += Lanes.Count)
                Lanes.Store(factor * Lanes.Load(ref source, n), ref target, n);
            for (; n < count; n++)
                Unsafe.Add(ref target, n) = dt[i] * Unsafe.Add(ref source, n);
            inputs.C[firstToken + i].Slice(first, count).CopyTo(c[(i * BlockStates)..]);
        }
    }

    /// <summary>Adds D * x to the sums [P / 16][8][16] of a chunk and writes them.</summary>
    private static void Finish(in SsdScanInputs inputs, in Shape shape, int head, int firstToken, Span<float> sums, MutableRows y)
    {
        for (var i = 0; i < ChunkTokens; i++)
        {
            ref var x = ref Unsafe.Add(ref MemoryMarshal.GetReference(inputs.X[firstToken + i]), head * shape.HeadDim);
            ref var target = ref Unsafe.Add(ref MemoryMarshal.GetReference(y[firstToken + i]), head * shape.HeadDim);
            for (var p = 0; p < shape.WholeChannels; p += Lanes.Count)
            {
                var sum = Lanes.Load(ref sums[(p * ChunkTokens) + (i * Lanes.Count)], 0);
                sum = AddSkip(sum, Lanes.Load(ref x, p), inputs.D, shape.SkipIndex(head, p), shape.SkipPerChannel);
                Lanes.Store(sum, ref target, p);
            }
        }
    }

    /// <summary>16 channels of one head over the 8 tokens of a chunk.</summary>
    /// <param name="x">The inputs of the channels at the first token.</param>
    /// <param name="xStride">The distance to the next token.</param>
    /// <param name="steps">dt * B, [8][<see cref="BlockStates"/>].</param>
    /// <param name="c">C, laid out in the same way.</param>
    /// <param name="decay">[8].</param>
    /// <param name="h">[N] vectors at a distance of <paramref name="hStride"/>.</param>
    /// <param name="sums">[8][16], to which C * h is added over the state dimensions.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Chunk16(
        ref float x, nint xStride, ref float steps, ref float c, ref float decay, ref float h, nint hStride, nint stateSize,
        ref float sums)
    {
        var y0 = Lanes.Load(ref sums, 0);
        var y1 = Lanes.Load(ref sums, 16);
        var y2 = Lanes.Load(ref sums, 32);
        var y3 = Lanes.Load(ref sums, 48);
        var y4 = Lanes.Load(ref sums, 64);
        var y5 = Lanes.Load(ref sums, 80);
        var y6 = Lanes.Load(ref sums, 96);
        var y7 = Lanes.Load(ref sums, 112);
        var x0 = Lanes.Load(ref x, 0);
        var x1 = Lanes.Load(ref x, xStride);
        var x2 = Lanes.Load(ref x, 2 * xStride);
        var x3 = Lanes.Load(ref x, 3 * xStride);
        var x4 = Lanes.Load(ref x, 4 * xStride);
        var x5 = Lanes.Load(ref x, 5 * xStride);
        var x6 = Lanes.Load(ref x, 6 * xStride);
        var x7 = Lanes.Load(ref x, 7 * xStride);
        var d0 = Vector512.Create(decay);
        var d1 = Vector512.Create(Unsafe.Add(ref decay, 1));
        var d2 = Vector512.Create(Unsafe.Add(ref decay, 2));
        var d3 = Vector512.Create(Unsafe.Add(ref decay, 3));
        var d4 = Vector512.Create(Unsafe.Add(ref decay, 4));
        var d5 = Vector512.Create(Unsafe.Add(ref decay, 5));
        var d6 = Vector512.Create(Unsafe.Add(ref decay, 6));
        var d7 = Vector512.Create(Unsafe.Add(ref decay, 7));
        for (nint n = 0; n < stateSize; n++)
        {
            var value = Lanes.Load(ref h, 0);
            Advance(ref value, d0, x0, ref steps, ref c, 0, ref y0);
            Advance(ref value, d1, x1, ref steps, ref c, 1, ref y1);
            Advance(ref value, d2, x2, ref steps, ref c, 2, ref y2);
            Advance(ref value, d3, x3, ref steps, ref c, 3, ref y3);
            Advance(ref value, d4, x4, ref steps, ref c, 4, ref y4);
            Advance(ref value, d5, x5, ref steps, ref c, 5, ref y5);
            Advance(ref value, d6, x6, ref steps, ref c, 6, ref y6);
            Advance(ref value, d7, x7, ref steps, ref c, 7, ref y7);
            Lanes.Store(value, ref h, 0);
            h = ref Unsafe.Add(ref h, hStride);
            steps = ref Unsafe.Add(ref steps, 1);
            c = ref Unsafe.Add(ref c, 1);
        }

        Lanes.Store(y0, ref sums, 0);
        Lanes.Store(y1, ref sums, 16);
        Lanes.Store(y2, ref sums, 32);
        Lanes.Store(y3, ref sums, 48);
        Lanes.Store(y4, ref sums, 64);
        Lanes.Store(y5, ref sums, 80);
        Lanes.Store(y6, ref sums, 96);
        Lanes.Store(y7, ref sums, 112);
    }

    /// <summary>The same in 16 registers of 8 channels: two tokens at a time.</summary>
    private static void Chunk16By8(
        ref float x, nint xStride, ref float steps, ref float c, ref float decay, ref float h, nint hStride, nint stateSize,
        ref float sums)
    {
        for (var token = 0; token < ChunkTokens; token += 2)
        {
            Chunk2By8(
                ref Unsafe.Add(ref x, token * xStride), xStride, ref Unsafe.Add(ref steps, token * BlockStates), ref Unsafe.Add(ref c, token * BlockStates),
                ref Unsafe.Add(ref decay, token), ref h, hStride, stateSize, ref Unsafe.Add(ref sums, token * Lanes.Count));
        }
    }

    /// <summary>16 channels, low and high, over two tokens.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Chunk2By8(
        ref float x, nint xStride, ref float steps, ref float c, ref float decay, ref float h, nint hStride, nint stateSize,
        ref float sums)
    {
        const int Half = Lanes.Count / 2;
        var (lowSum0, highSum0) = (Load8(ref sums, 0), Load8(ref sums, Half));
        var (lowSum1, highSum1) = (Load8(ref sums, Lanes.Count), Load8(ref sums, Lanes.Count + Half));
        var (lowX0, highX0) = (Load8(ref x, 0), Load8(ref x, Half));
        var (lowX1, highX1) = (Load8(ref x, xStride), Load8(ref x, xStride + Half));
        var (decay0, decay1) = (Vector256.Create(decay), Vector256.Create(Unsafe.Add(ref decay, 1)));
        for (nint n = 0; n < stateSize; n++)
        {
            var step = Vector256.Create(steps);
            var low = Vector256.FusedMultiplyAdd(step, lowX0, Load8(ref h, 0) * decay0);
            var high = Vector256.FusedMultiplyAdd(step, highX0, Load8(ref h, Half) * decay0);
            var output = Vector256.Create(c);
            lowSum0 = Vector256.FusedMultiplyAdd(output, low, lowSum0);
            highSum0 = Vector256.FusedMultiplyAdd(output, high, highSum0);
            step = Vector256.Create(Unsafe.Add(ref steps, BlockStates));
            low = Vector256.FusedMultiplyAdd(step, lowX1, low * decay1);
            high = Vector256.FusedMultiplyAdd(step, highX1, high * decay1);
            output = Vector256.Create(Unsafe.Add(ref c, BlockStates));
            lowSum1 = Vector256.FusedMultiplyAdd(output, low, lowSum1);
            highSum1 = Vector256.FusedMultiplyAdd(output, high, highSum1);
            low.StoreUnsafe(ref h);
            high.StoreUnsafe(ref h, Half);
            h = ref Unsafe.Add(ref h, hStride);
            steps = ref Unsafe.Add(ref steps, 1);
            c = ref Unsafe.Add(ref c, 1);
        }

        lowSum0.StoreUnsafe(ref sums);
        highSum0.StoreUnsafe(ref sums, Half);
        lowSum1.StoreUnsafe(ref sums, Lanes.Count);
        highSum1.StoreUnsafe(ref sums, Lanes.Count + Half);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Load8(ref float start, nint offset) => Vector256.LoadUnsafe(ref start, (nuint)offset);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Advance(
        ref Vector512<float> h, Vector512<float> decay, Vector512<float> x, ref float steps, ref float c, int token,
        ref Vector512<float> sum)
    {
        h = Vector512.FusedMultiplyAdd(Vector512.Create(Unsafe.Add(ref steps, token * BlockStates)), x, h * decay);
        sum = Vector512.FusedMultiplyAdd(Vector512.Create(Unsafe.Add(ref c, token * BlockStates)), h, sum);
    }
}
