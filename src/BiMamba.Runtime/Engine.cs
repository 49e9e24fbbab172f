namespace BiMamba.Runtime;

/// <summary>Which kernels run a model. Neither depends on threads, on vector width, on chunks or on what else is in a batch.</summary>
public enum Engine
{
    /// <summary>
    /// Several tokens of a sequence go through kernels for many tokens, whose sums have an order of their own: a sequence
    /// run at once and one run token by token differ by rounding.
    /// </summary>
    Fast,

    /// <summary>Every sum has one order: a sequence run at once, in pieces or token by token gives the same bits.</summary>
    Reference,
}
