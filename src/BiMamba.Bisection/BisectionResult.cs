using System.Collections.Immutable;
using BiMamba.IR;

namespace BiMamba.Bisection;

/// <summary>How far one stage moved the logits.</summary>
/// <param name="Stage">The stage as canonical text.</param>
/// <param name="FromInput">Difference of its logits from those of the input module; null where its module breaks a rule of the verifier.</param>
/// <param name="FromPrevious">Difference from the logits before the stage; null as above.</param>
/// <param name="Problems">The rules that its module breaks, as text.</param>
public sealed record StageDifference(string Stage, Difference? FromInput, Difference? FromPrevious, ImmutableArray<string> Problems);

/// <summary>The layer: the first block whose change alone moves the logits out of the tolerance.</summary>
/// <param name="Name">Name of the block in the module before the stage.</param>
/// <param name="Logits">What its change alone does to the logits; null where it cannot be run.</param>
/// <param name="IsAlone">False where no single block leaves the tolerance and this one has the largest part.</param>
public sealed record BlockFinding(string Name, Difference? Logits, bool IsAlone);

/// <summary>The tensor: the value that is wrong first, given the same inputs.</summary>
/// <param name="Value">Name of the value, without the sigil.</param>
/// <param name="OpBefore">The op that defined it before the stage, as text; null where nothing did.</param>
/// <param name="OpAfter">The op that defines it after the stage, as text; null where nothing does.</param>
/// <param name="Resources">Weights of the changed ops around it that the stage changed, the likeliest first; without the sigil.</param>
/// <param name="Difference">The largest difference of the value; null where the types differ.</param>
/// <param name="FeaturesOff">Features of the worst token that are off by at least a tenth of the largest difference.</param>
/// <param name="TypeBefore">Its type before the stage.</param>
/// <param name="TypeAfter">Its type after the stage.</param>
public sealed record TensorFinding(
    string Value, string? OpBefore, string? OpAfter, ImmutableArray<string> Resources, Difference? Difference, int FeaturesOff, string TypeBefore, string TypeAfter);

/// <summary>A small module at the level before the stage that shows the difference when the stage runs on it.</summary>
/// <param name="Module">The module, with weights.</param>
/// <param name="Ids">The ids to run it on.</param>
/// <param name="Tolerance">The tolerance that its logits leave.</param>
/// <param name="Difference">What the stage does to its logits; infinite where the result breaks a rule of the verifier.</param>
/// <param name="Scope">What it was cut from.</param>
/// <param name="IsSliced">False where tensors could be cut and only whole ones show the difference.</param>
public sealed record BisectionReproducer(Module Module, ImmutableArray<int> Ids, double Tolerance, double Difference, string Scope, bool IsSliced);

/// <summary>The stage that is to blame, and where in it.</summary>
/// <param name="Stage">Index of the stage, from 0.</param>
/// <param name="IsSudden">False where the stage itself stays inside the tolerance and errors of earlier stages add up.</param>
/// <param name="Block">The layer, or null where the blocks before and after it have no counterparts.</param>
/// <param name="Tensor">The tensor, or null where the block could not be taken apart.</param>
/// <param name="Reproducer">The small module, or null where nothing small shows the difference.</param>
public sealed record Culprit(int Stage, bool IsSudden, BlockFinding? Block, TensorFinding? Tensor, BisectionReproducer? Reproducer);

/// <summary>What a bisection found.</summary>
/// <param name="Stages">Every stage that was run, in order.</param>
/// <param name="Culprit">The first stage that leaves the tolerance, or null.</param>
public sealed record BisectionResult(ImmutableArray<StageDifference> Stages, Culprit? Culprit);
