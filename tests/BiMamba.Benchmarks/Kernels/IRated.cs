namespace BiMamba.Benchmarks.Kernels;

/// <summary>A benchmark whose work can be counted, so that a rate stands beside its time.</summary>
public interface IRated
{
    /// <summary>Units of work of one call.</summary>
    double Amount { get; }

    /// <summary>The unit: FLOP, B or elements.</summary>
    string Unit { get; }
}
