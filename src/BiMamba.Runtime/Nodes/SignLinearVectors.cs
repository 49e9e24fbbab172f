namespace BiMamba.Runtime.Nodes;

/// <summary>The optional vectors of a <c>sign_linear</c>.</summary>
internal sealed class SignLinearVectors
{
    /// <summary>[columns], multiplies x before the plane.</summary>
    public float[]? ColumnScale { get; init; }

    /// <summary>[columns], gives one sum a token.</summary>
    public float[]? ColumnShift { get; init; }

    /// <summary>[rows], multiplies the sums of the plane.</summary>
    public float[]? RowScale { get; init; }

    /// <summary>[rows], multiplies the sum of x.</summary>
    public float[]? RowShift { get; init; }

    /// <summary>[columns], minus zero_shift.</summary>
    public float[]? MinusZeroShift { get; init; }

    /// <summary>[rows].</summary>
    public float[]? Bias { get; init; }
}
