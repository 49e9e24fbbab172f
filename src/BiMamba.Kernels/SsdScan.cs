using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace BiMamba.Kernels;

/// <summary>
/// The selective scan of Mamba-2, token by token: with dt = clamp(softplus(raw + bias)),
/// h[n, p] = h[n, p] * exp(dt * a) + (dt * B[n]) * x[p] and y[p] = sum over n of C[n] * h[n, p] + D * x[p].
/// </summary>
/// <remarks>
/// Layout: state [H][N][P], carried and updated in place. Order: h by one product and one fused multiply-add, y from +0
/// over ascending n by fused multiply-add, then D * x by another. Lanes are channels of a head, and the remainder of P uses
/// the scalar form. Memory reads and writes the state once a chunk of 8 tokens, or once a token of the rest, fused with the
/// output; heads are outermost so that the state of a head stays in cache over the tokens.
/// </remarks>
public static partial class SsdScan
{
    private const int Wide = 4 * Lanes.Count;

    /// <summary>Scans all tokens for a range of heads.</summary>
    /// <param name="inputs">The operands.</param>
    /// <param name="firstHead">The first head of the range.</param>
    /// <param name="headCount">The number of heads of the range.</param>
    /// <param name="state">[H][N][P]; the heads of the range are updated.</param>
    /// <param name="y">[tokens, H * P], written for the heads of the range; may be the x of the inputs.</param>
    /// <exception cref="ArgumentException">The lengths do not fit.</exception>
    public static void Run(in SsdScanInputs inputs, int firstHead, int headCount, Span<float> state, MutableRows y)
    {
        var shape = Check(inputs, firstHead, headCount, state.Length, y);
        if (!Vector128.IsHardwareAccelerated)
        {
            RunScalar(inputs, firstHead, headCount, state, y);
            return;
        }

        if (y.Count == 1)
        {
            OneToken(inputs, shape, firstHead, headCount, state, y);
            return;
        }

        for (var head = firstHead; head < firstHead + headCount; head++)
            Head(inputs, shape, head, state.Slice(head * shape.StateLength, shape.StateLength), y);
    }

    /// <summary>The scalar form of <see cref="Run(in SsdScanInputs, int, int, Span{float}, MutableRows)"/>, equal to it in every bit.</summary>
    public static void RunScalar(in SsdScanInputs inputs, int firstHead, int headCount, Span<float> state, MutableRows y)
    {
        var shape = Check(inputs, firstHead, headCount, state.Length, y);
        for (var head = firstHead; head < firstHead + headCount; head++)
            HeadScalar(inputs, shape, head, 0, state.Slice(head * shape.StateLength, shape.StateLength), y);
    }

    /// <summary>All tokens of one head: chunks, then the other tokens, then the channels that fill no vector.</summary>
    private static void Head(in SsdScanInputs inputs, in Shape shape, int head, Span<float> state, MutableRows y)
    {
        Span<float> dt = stackalloc float[Lanes.Count];
        Span<float> decay = stackalloc float[Lanes.Count];
        var t = Chunks(inputs, shape, head, state, y);
        Steps(inputs, t, y.Count - t, head, 1, dt, decay);
        for (var i = 0; t < y.Count; i++, t++)
            Channels(inputs, shape, head, t, dt[i], decay[i], state, y);
        HeadScalar(inputs, shape, head, shape.WholeChannels, state, y);
    }

    /// <summary>One token of all heads, 16 heads sharing the vector in which their steps are found.</summary>
    private static void OneToken(
        in SsdScanInputs inputs, in Shape shape, int firstHead, int headCount, Span<float> state, MutableRows y)
    {
        Span<float> dt = stackalloc float[Lanes.Count];
        Span<float> decay = stackalloc float[Lanes.Count];
        for (var i = 0; i < headCount; i++)
        {
            var head = firstHead + i;
            if (i % Lanes.Count == 0)
                Steps(inputs, 0, 1, head, Math.Min(Lanes.Count, headCount - i), dt, decay);
            var values = state.Slice(head * shape.StateLength, shape.StateLength);
            Channels(inputs, shape, head, 0, dt[i % Lanes.Count], decay[i % Lanes.Count], values, y);
            HeadScalar(inputs, shape, head, shape.WholeChannels, values, y);
        }
    }

    /// <summary>dt and decay of some tokens of some heads, token-major, 16 pairs at most.</summary>
    private static void Steps(
        in SsdScanInputs inputs, int firstToken, int tokenCount, int firstHead, int headCount, Span<float> dt, Span<float> decay)
    {
        dt.Clear();
        decay.Clear();
        for (var i = 0; i < tokenCount * headCount; i++)
        {
            var head = firstHead + (i % headCount);
            dt[i] = inputs.Dt[firstToken + (i / headCount)][head];
            if (!inputs.DtBias.IsEmpty)
                dt[i] += inputs.DtBias[head];
            decay[i] = inputs.A[head];
        }

        ref var steps = ref MemoryMarshal.GetReference(dt);
        ref var decays = ref MemoryMarshal.GetReference(decay);
        var value = Activation.Softplus(Lanes.Load(ref steps, 0));
        var (min, max) = (Vector512.Create(inputs.DtMin), Vector512.Create(inputs.DtMax));
        value = Vector512.ConditionalSelect(Vector512.LessThan(value, min), min, value);
        value = Vector512.ConditionalSelect(Vector512.GreaterThan(value, max), max, value);
        Lanes.Store(value, ref steps, 0);
        Lanes.Store(VectorMath.Exp(value * Lanes.Load(ref decays, 0)), ref decays, 0);
    }

    private static (float Dt, float Decay) Step(in SsdScanInputs inputs, int t, int head)
    {
        var raw = inputs.Dt[t][head];
        if (!inputs.DtBias.IsEmpty)
            raw += inputs.DtBias[head];
        var dt = Activation.Softplus(raw);
        dt = dt < inputs.DtMin ? inputs.DtMin : dt;
        dt = dt > inputs.DtMax ? inputs.DtMax : dt;
        return (dt, VectorMath.Exp(dt * inputs.A[head]));
    }

    /// <summary>The channels of one head at one token that fill whole vectors.</summary>
    private static void Channels(
        in SsdScanInputs inputs, in Shape shape, int head, int t, float dt, float decay, Span<float> state, MutableRows y)
    {
        var group = head / shape.HeadsPerGroup * inputs.StateSize;
        ref var b = ref Unsafe.Add(ref MemoryMarshal.GetReference(inputs.B[t]), group);
        ref var c = ref Unsafe.Add(ref MemoryMarshal.GetReference(inputs.C[t]), group);
        ref var h = ref MemoryMarshal.GetReference(state);
        ref var x = ref Unsafe.Add(ref MemoryMarshal.GetReference(inputs.X[t]), head * shape.HeadDim);
        ref var target = ref Unsafe.Add(ref MemoryMarshal.GetReference(y[t]), head * shape.HeadDim);
        var p = 0;
        for (; p <= shape.HeadDim - Wide; p += Wide)
        {
            Scan64(
                ref Unsafe.Add(ref x, p), ref b, ref c, ref Unsafe.Add(ref h, p), inputs.StateSize, shape.HeadDim, dt,
                decay, ref Unsafe.Add(ref target, p), inputs.D, shape.SkipIndex(head, p), shape.SkipPerChannel);
        }

        for (; p < shape.WholeChannels; p += Lanes.Count)
        {
            Scan16(
                ref Unsafe.Add(ref x, p), ref b, ref c, ref Unsafe.Add(ref h, p), inputs.StateSize, shape.HeadDim, dt,
                decay, ref Unsafe.Add(ref target, p), inputs.D, shape.SkipIndex(head, p), shape.SkipPerChannel);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Scan64(
        ref float x, ref float b, ref float c, ref float h, int stateSize, nint headDim, float dt, float decay,
        ref float y, ReadOnlySpan<float> d, int skip, bool perChannel)
    {
        var x0 = Lanes.Load(ref x, 0);
        var x1 = Lanes.Load(ref x, 16);
        var x2 = Lanes.Load(ref x, 32);
        var x3 = Lanes.Load(ref x, 48);
        Vector512<float> y0 = Vector512<float>.Zero, y1 = y0, y2 = y0, y3 = y0;
        var decays = Vector512.Create(decay);
        for (nint n = 0; n < stateSize; n++)
        {
            var step = Vector512.Create(dt * Unsafe.Add(ref b, n));
            var output = Vector512.Create(Unsafe.Add(ref c, n));
            var h0 = Vector512.FusedMultiplyAdd(step, x0, Lanes.Load(ref h, 0) * decays);
            var h1 = Vector512.FusedMultiplyAdd(step, x1, Lanes.Load(ref h, 16) * decays);
            var h2 = Vector512.FusedMultiplyAdd(step, x2, Lanes.Load(ref h, 32) * decays);
            var h3 = Vector512.FusedMultiplyAdd(step, x3, Lanes.Load(ref h, 48) * decays);
            Lanes.Store(h0, ref h, 0);
            Lanes.Store(h1, ref h, 16);
            Lanes.Store(h2, ref h, 32);
            Lanes.Store(h3, ref h, 48);
            y0 = Vector512.FusedMultiplyAdd(output, h0, y0);
            y1 = Vector512.FusedMultiplyAdd(output, h1, y1);
            y2 = Vector512.FusedMultiplyAdd(output, h2, y2);
            y3 = Vector512.FusedMultiplyAdd(output, h3, y3);
            h = ref Unsafe.Add(ref h, headDim);
        }

        Lanes.Store(AddSkip(y0, x0, d, skip, perChannel), ref y, 0);
        Lanes.Store(AddSkip(y1, x1, d, perChannel ? skip + 16 : skip, perChannel), ref y, 16);
        Lanes.Store(AddSkip(y2, x2, d, perChannel ? skip + 32 : skip, perChannel), ref y, 32);
        Lanes.Store(AddSkip(y3, x3, d, perChannel ? skip + 48 : skip, perChannel), ref y, 48);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Scan16(
        ref float x, ref float b, ref float c, ref float h, int stateSize, nint headDim, float dt, float decay,
        ref float y, ReadOnlySpan<float> d, int skip, bool perChannel)
    {
        var input = Lanes.Load(ref x, 0);
        var sum = Vector512<float>.Zero;
        var decays = Vector512.Create(decay);
        for (nint n = 0; n < stateSize; n++)
        {
            var step = Vector512.Create(dt * Unsafe.Add(ref b, n));
            var value = Vector512.FusedMultiplyAdd(step, input, Lanes.Load(ref h, 0) * decays);
            Lanes.Store(value, ref h, 0);
            sum = Vector512.FusedMultiplyAdd(Vector512.Create(Unsafe.Add(ref c, n)), value, sum);
            h = ref Unsafe.Add(ref h, headDim);
        }

        Lanes.Store(AddSkip(sum, input, d, skip, perChannel), ref y, 0);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> AddSkip(
        Vector512<float> sum, Vector512<float> x, ReadOnlySpan<float> d, int at, bool perChannel)
    {
        if (d.IsEmpty)
            return sum;
        ref var skip = ref MemoryMarshal.GetReference(d);
        var factor = perChannel ? Lanes.Load(ref skip, at) : Vector512.Create(Unsafe.Add(ref skip, at));
        return Vector512.FusedMultiplyAdd(factor, x, sum);
    }

    private static void HeadScalar(
        in SsdScanInputs inputs, in Shape shape, int head, int firstChannel, Span<float> state, MutableRows y)
    {
        if (firstChannel == shape.HeadDim)
            return;
        var group = head / shape.HeadsPerGroup * inputs.StateSize;
        for (var t = 0; t < y.Count; t++)
        {
            var (dt, decay) = Step(inputs, t, head);
            for (var p = firstChannel; p < shape.HeadDim; p++)
            {
                var channel = (head * shape.HeadDim) + p;
                var x = inputs.X[t][channel];
                var sum = 0f;
                for (var n = 0; n < inputs.StateSize; n++)
                {
                    ref var h = ref state[(n * shape.HeadDim) + p];
                    h = MathF.FusedMultiplyAdd(dt * inputs.B[t][group + n], x, h * decay);
                    sum = MathF.FusedMultiplyAdd(inputs.C[t][group + n], h, sum);
                }

                if (!inputs.D.IsEmpty)
                    sum = MathF.FusedMultiplyAdd(inputs.D[shape.SkipPerChannel ? channel : head], x, sum);
                y[t][channel] = sum;
            }
        }
    }

    private static Shape Check(in SsdScanInputs inputs, int firstHead, int headCount, int state, MutableRows y)
    {
        var heads = inputs.A.Length;
        Guard.AtLeast(heads, 1);
        Guard.AtLeast(inputs.StateSize, 1);
        var (tokens, channels) = (inputs.X.Count, inputs.X.Width);
        var (headDim, groups) = (channels / heads, inputs.B.Width / inputs.StateSize);
        Guard.Equal(channels, (long)headDim * heads);
        Guard.Equal(inputs.B.Width, (long)groups * inputs.StateSize);
        Guard.AtLeast(groups, 1);
        if (heads % groups != 0)
            throw new ArgumentException($"{groups} groups do not divide {heads} heads", nameof(inputs));
        Guard.Equal(inputs.C.Width, inputs.B.Width);
        Guard.Equal(inputs.Dt.Width, heads);
        Guard.Equal(inputs.Dt.Count, tokens);
        Guard.Equal(inputs.B.Count, tokens);
        Guard.Equal(inputs.C.Count, tokens);
        Guard.EmptyOr(inputs.DtBias.Length, heads);
        if (inputs.D.Length != heads)
            Guard.EmptyOr(inputs.D.Length, channels);
        Guard.Equal(state, (long)channels * inputs.StateSize);
        Guard.Range(firstHead, headCount, heads);
        Guard.Equal(y.Count, tokens);
        Guard.Equal(y.Width, channels);
        return new Shape(headDim, inputs.StateSize, heads / groups, inputs.D.Length == channels && headDim > 1);
    }

    private readonly record struct Shape(int HeadDim, int StateSize, int HeadsPerGroup, bool SkipPerChannel)
    {
        /// <summary>The elements of a head's state.</summary>
        public int StateLength => HeadDim * StateSize;

        /// <summary>The channels of a head that fill whole vectors.</summary>
        public int WholeChannels => HeadDim - (HeadDim % Lanes.Count);

        public int SkipIndex(int head, int channel) => SkipPerChannel ? (head * HeadDim) + channel : head;
    }
}
