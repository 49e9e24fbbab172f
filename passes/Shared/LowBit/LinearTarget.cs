using System.Collections.Immutable;
using BiMamba.IR;
using BiMamba.Pipeline;

namespace BiMamba.Passes.Shared.LowBit;

/// <summary>A dense linear that a pass rewrites.</summary>
/// <param name="Op">The linear.</param>
/// <param name="Options">Options of the stage, with those of the rules that name the linear.</param>
public sealed record LinearTarget(Op Op, PassOptions Options);

/// <summary>What a pass rewrites.</summary>
/// <param name="Module">The module, linears cut where their segments go different ways.</param>
/// <param name="Blocks">The linears of each block in order of execution.</param>
public sealed record TargetPlan(Module Module, ImmutableArray<ImmutableArray<LinearTarget>> Blocks);
