namespace BiMamba.Passes.Shared.Coding;

/// <summary>The weights that share a scale.</summary>
public enum ScaleAxis
{
    /// <summary>Those of a row, an output.</summary>
    Row,

    /// <summary>Those of a column, an input.</summary>
    Column,

    /// <summary>All.</summary>
    Tensor,
}
