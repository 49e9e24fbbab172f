namespace BiMamba.Passes.Gptq;

/// <summary>What came of factoring a Hessian.</summary>
/// <param name="Factor">The factor, or null where there is none.</param>
/// <param name="Failed">The damping fractions that were not enough, in the order they were tried.</param>
/// <param name="Reason">Why there is no factor; null where there is one.</param>
public sealed record HessianFactoring(HessianFactor? Factor, IReadOnlyList<double> Failed, string? Reason);
