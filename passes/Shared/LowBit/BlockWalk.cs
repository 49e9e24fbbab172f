using System.Collections.Immutable;
using BiMamba.IR;
using BiMamba.Pipeline;

namespace BiMamba.Passes.Shared.LowBit;

/// <summary>
/// The way of a calibrated pass through the blocks that it rewrites. Blocks that the journal has are put in place as they
/// are, and the samples are carried on only where a block has to be worked on.
/// </summary>
internal sealed class BlockWalk
{
    private readonly LinearEditor editor;
    private readonly ImmutableArray<ImmutableArray<LinearTarget>> targets;
    private readonly ICalibrationRun run;
    private readonly Func<int, string?> passed;
    private readonly PassContext context;
    private readonly Dictionary<int, FinishedBlock> taken = [];
    private bool hasMoved;
    private (Module Module, int Measurements, int Diagnostics) before;

    /// <summary>Takes what the journal has, if there is one.</summary>
    /// <param name="stage">Name of the pass.</param>
    /// <param name="editor">The module.</param>
    /// <param name="targets">The linears of each block that are rewritten.</param>
    /// <param name="run">The samples, before the first block.</param>
    /// <param name="passed">The value of a block that goes on to the next one, or null for the one that the block returns.</param>
    /// <param name="context">The journal, reports and errors.</param>
    public BlockWalk(string stage, LinearEditor editor, ImmutableArray<ImmutableArray<LinearTarget>> targets, ICalibrationRun run, Func<int, string?> passed, PassContext context)
    {
        this.editor = editor;
        this.targets = targets;
        this.run = run;
        this.passed = passed;
        this.context = context;
        if (context.Journal is not { } journal)
            return;
        foreach (var (block, _) in targets.Index().Where(pair => !pair.Item.IsEmpty))
        {
            if (journal.Take(context.Stage, block, editor.Module) is { } finished)
                taken.Add(block, finished);
        }

        journal.Tell(stage, taken.Count, targets.Count(linears => !linears.IsEmpty));
    }

    /// <summary>True where a block is finished: nothing is rewritten in it, or the journal has it, which is now in its place.</summary>
    public bool IsFinished(int block)
    {
        if (targets[block].IsEmpty)
            return true;
        if (!taken.Remove(block, out var finished))
            return false;
        editor.Restore(block, finished, targets[block]);
        return true;
    }

    /// <summary>Carries the samples on to a block, over the ones before it, which are finished.</summary>
    public void MoveTo(int block)
    {
        if (!hasMoved && context.Journal?.TakeState(context.Stage, run.State.Block + 1, block) is { } state)
            run.Jump(editor.Module, state);
        hasMoved = true;
        while (run.State.Block < block)
        {
            // What stands before the first low-bit block is soon made again.
            var isLowBit = targets.Take(run.State.Block + 1).Any(linears => !linears.IsEmpty);
            run.Advance(editor.Module, passed(run.State.Block));
            if (isLowBit)
                context.Journal?.Keep(context.Stage, run.State);
        }

        before = (editor.Module, context.Measurements.Count, context.Diagnostics.Items.Count);
    }

    /// <summary>Keeps a block that was rewritten since <see cref="MoveTo"/>.</summary>
    public void Finish(int block) => context.Journal?.Finish(context.Stage, block, new FinishedBlock(
        editor.Module.Blocks[block],
        [.. editor.Module.Resources.Values.Where(resource => !before.Module.Resources.ContainsKey(resource.Name))],
        [.. context.Measurements.Skip(before.Measurements)],
        [.. context.Diagnostics.Items.Skip(before.Diagnostics)]));
}
