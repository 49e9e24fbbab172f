using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace BiMamba.Kernels;

/// <summary>The operands of <see cref="SelectiveScan"/>: E channels, N state dimensions.</summary>
public readonly ref struct SelectiveScanInputs
{
    /// <summary>[tokens, E].</summary>
    public required Rows X { get; init; }

    /// <summary>The step before bias and softplus, [tokens, E].</summary>
    public required Rows Dt { get; init; }

    /// <summary>[tokens, N].</summary>
    public required Rows B { get; init; }

    /// <summary>[tokens, N].</summary>
    public required Rows C { get; init; }

    /// <summary>-exp(A_log) transposed, [N][E]; negative.</summary>
    public required ReadOnlySpan<float> A { get; init; }

    /// <summary>[E], or empty for 0.</summary>
    public ReadOnlySpan<float> DtBias { get; init; }

    /// <summary>[E], or empty for 0.</summary>
    public ReadOnlySpan<float> D { get; init; }

    /// <summary>The gate before silu, [tokens, E], or no rows for none.</summary>
    public Rows Z { get; init; }
}

/// <summary>
/// The selective scan of Mamba-1, token by token: with delta = softplus(raw + bias),
/// h[n, c] = h[n, c] * exp(delta * a[n, c]) + (delta * x[c]) * B[n], y[c] = sum over n of C[n] * h[n, c] + D[c] * x[c],
/// and y[c] *= silu(z[c]) where there is a gate.
/// </summary>
/// <remarks>
/// Layout: state [N][E], carried and updated in place. Order: h by one product and one fused multiply-add, y from +0 over
/// ascending n by fused multiply-add, then D * x by another. Lanes are channels; the remainder of the range uses the
/// scalar form. Blocks of 16 channels are outermost, so that their state stays in cache over the tokens.
/// </remarks>
public static partial class SelectiveScan
{
    /// <summary>Scans all tokens for a range of channels.</summary>
    /// <param name="inputs">The operands.</param>
    /// <param name="firstChannel">The first channel of the range.</param>
    /// <param name="channelCount">The number of channels of the range.</param>
    /// <param name="state">[N][E]; the channels of the range are updated.</param>
    /// <param name="y">[tokens, E], written for the range; may be the x of the inputs.</param>
    /// <exception cref="ArgumentException">The lengths do not fit.</exception>
    public static void Run(
        in SelectiveScanInputs inputs, int firstChannel, int channelCount, Span<float> state, MutableRows y)
    {
        Check(inputs, firstChannel, channelCount, state.Length, y);
        var end = firstChannel + channelCount;
        var c = firstChannel;
        if (Vector128.IsHardwareAccelerated)
        {
            for (; c <= end - Lanes.Count; c += Lanes.Count)
            {
                for (var t = 0; t < y.Count; t++)
                    Step(inputs, t, c, ref Unsafe.Add(ref MemoryMarshal.GetReference(state), c), inputs.X.Width, y[t]);
            }
        }

        Scalar(inputs, c, end, state, y);
    }

    /// <summary>The scalar form of <see cref="Run(in SelectiveScanInputs, int, int, Span{float}, MutableRows)"/>, equal to it in every bit.</summary>
    public static void RunScalar(
        in SelectiveScanInputs inputs, int firstChannel, int channelCount, Span<float> state, MutableRows y)
    {
        Check(inputs, firstChannel, channelCount, state.Length, y);
        Scalar(inputs, firstChannel, firstChannel + channelCount, state, y);
    }

    /// <summary>16 channels of one token, their state beginning at h, its rows a stride apart.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Step(in SelectiveScanInputs inputs, int t, int channel, ref float h, nint stride, Span<float> y)
    {
        nint channels = inputs.X.Width;
        var stateSize = inputs.B.Width;
        var x = Lanes.Load(ref MemoryMarshal.GetReference(inputs.X[t]), channel);
        var raw = Lanes.Load(ref MemoryMarshal.GetReference(inputs.Dt[t]), channel);
        if (!inputs.DtBias.IsEmpty)
            raw += Lanes.Load(ref MemoryMarshal.GetReference(inputs.DtBias), channel);
        var delta = Activation.Softplus(raw);
        var scaled = delta * x;
        var sum = Vector512<float>.Zero;
        ref var b = ref MemoryMarshal.GetReference(inputs.B[t]);
        ref var c = ref MemoryMarshal.GetReference(inputs.C[t]);
        ref var a = ref Unsafe.Add(ref MemoryMarshal.GetReference(inputs.A), channel);
        for (nint n = 0; n < stateSize; n++)
        {
            var kept = Lanes.Load(ref h, n * stride) * VectorMath.Exp(delta * Lanes.Load(ref a, n * channels));
            var value = Vector512.FusedMultiplyAdd(scaled, Vector512.Create(Unsafe.Add(ref b, n)), kept);
            Lanes.Store(value, ref h, n * stride);
            sum = Vector512.FusedMultiplyAdd(Vector512.Create(Unsafe.Add(ref c, n)), value, sum);
        }

        if (!inputs.D.IsEmpty)
            sum = Vector512.FusedMultiplyAdd(Lanes.Load(ref MemoryMarshal.GetReference(inputs.D), channel), x, sum);
        if (inputs.Z.Count != 0)
            sum *= Activation.Silu(Lanes.Load(ref MemoryMarshal.GetReference(inputs.Z[t]), channel));
        Lanes.Store(sum, ref MemoryMarshal.GetReference(y), channel);
    }

    private static void Scalar(in SelectiveScanInputs inputs, int first, int end, Span<float> state, MutableRows y)
    {
        for (var channel = first; channel < end; channel++)
        {
            for (var t = 0; t < y.Count; t++)
                y[t][channel] = StepScalar(inputs, t, channel, state[channel..], inputs.X.Width);
        }
    }

    /// <summary>One channel of one token, its state beginning at h, its elements a stride apart.</summary>
    private static float StepScalar(in SelectiveScanInputs inputs, int t, int channel, Span<float> h, int stride)
    {
        var x = inputs.X[t][channel];
        var raw = inputs.Dt[t][channel];
        if (!inputs.DtBias.IsEmpty)
            raw += inputs.DtBias[channel];
        var delta = Activation.Softplus(raw);
        var scaled = delta * x;
        var sum = 0f;
        for (var n = 0; n < inputs.B.Width; n++)
        {
            ref var value = ref h[n * stride];
            var kept = value * VectorMath.Exp(delta * inputs.A[(n * inputs.X.Width) + channel]);
            value = MathF.FusedMultiplyAdd(scaled, inputs.B[t][n], kept);
            sum = MathF.FusedMultiplyAdd(inputs.C[t][n], value, sum);
        }

        if (!inputs.D.IsEmpty)
            sum = MathF.FusedMultiplyAdd(inputs.D[channel], x, sum);
        if (inputs.Z.Count != 0)
            sum *= Activation.Silu(inputs.Z[t][channel]);
        return sum;
    }

    private static void Check(
        in SelectiveScanInputs inputs, int firstChannel, int channelCount, int state, MutableRows y)
    {
        var (tokens, channels, stateSize) = (inputs.X.Count, inputs.X.Width, inputs.B.Width);
        Guard.Equal(inputs.Dt.Count, tokens);
        Guard.Equal(inputs.Dt.Width, channels);
        Guard.Equal(inputs.B.Count, tokens);
        Guard.Equal(inputs.C.Count, tokens);
        Guard.Equal(inputs.C.Width, stateSize);
        Guard.Equal(inputs.A.Length, (long)stateSize * channels);
        Guard.EmptyOr(inputs.DtBias.Length, channels);
        Guard.EmptyOr(inputs.D.Length, channels);
        if (inputs.Z.Count != 0)
        {
            Guard.Equal(inputs.Z.Count, tokens);
            Guard.Equal(inputs.Z.Width, channels);
        }

        Guard.Equal(state, (long)stateSize * channels);
        Guard.Range(firstChannel, channelCount, channels);
        Guard.Equal(y.Count, tokens);
        Guard.Equal(y.Width, channels);
    }
}
