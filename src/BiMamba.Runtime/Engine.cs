namespace BiMamba.Runtime;

/// <summary>
/// Which kernels run a model. With either, a sequence gets the same bits at once, in pieces and token by token, with any
/// number of threads, at any vector width, whatever else is in a batch.
/// </summary>
public enum Engine
{
    /// <summary>
    /// Activations that are multiplied with packed signs are rounded to integers of 22 bits by the largest of 512 columns,
    /// whose sums are exact: <see cref="Kernels.FixedSignProduct"/>.
    /// </summary>
    Fast,

    /// <summary>Every sum is one of f32 numbers, in an order that is written down with its kernel.</summary>
    Reference,
}
