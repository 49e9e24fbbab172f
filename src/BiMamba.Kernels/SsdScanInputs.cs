namespace BiMamba.Kernels;

/// <summary>
/// The arguments of <see cref="SsdScan"/> that all heads share. H heads of P channels, G groups of N state dimensions;
/// head h reads B and C of group h / (H / G).
/// </summary>
public readonly ref struct SsdScanInputs
{
    /// <summary>[tokens, H * P].</summary>
    public required Rows X { get; init; }

    /// <summary>The step before bias and softplus, [tokens, H].</summary>
    public required Rows Dt { get; init; }

    /// <summary>[tokens, G * N].</summary>
    public required Rows B { get; init; }

    /// <summary>[tokens, G * N].</summary>
    public required Rows C { get; init; }

    /// <summary>-exp(A_log), [H]; negative.</summary>
    public required ReadOnlySpan<float> A { get; init; }

    /// <summary>[H], or empty for 0.</summary>
    public ReadOnlySpan<float> DtBias { get; init; }

    /// <summary>[H], [H * P], or empty for 0.</summary>
    public ReadOnlySpan<float> D { get; init; }

    /// <summary>N.</summary>
    public required int StateSize { get; init; }

    /// <summary>The least step after softplus.</summary>
    public float DtMin { get; init; }

    /// <summary>The greatest step after softplus; infinity for no limit.</summary>
    public required float DtMax { get; init; }
}
