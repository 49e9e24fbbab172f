using BiMamba.Passes.Shared.Coding;

namespace BiMamba.Passes.Gptq;

/// <summary>A weight coded by GPTQ.</summary>
/// <param name="Weight">The codes.</param>
/// <param name="Loss">Half the sum of ((w - q) / U_jj)^2 over all weights, each w as it was when it was coded.</param>
public sealed record GptqResult(CodedWeight Weight, double Loss);
