using System.Diagnostics;
using System.Globalization;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.IR;
using BiMamba.Pipeline;
using BiMamba.Toolchain.Conversion;
using Microsoft.Extensions.Logging;

namespace BiMamba.Toolchain.Journal;

/// <summary>
/// The journal of a conversion: a folder beside its output. It comes to be with the first block that is finished, and
/// replaces that of an earlier run unless it is gone on with. Where it cannot be written the conversion goes on without.
/// </summary>
internal sealed class PassJournal : IPassJournal, IDisposable
{
    // States are written so rarely that they take a twentieth of the time at most.
    private const int StateShare = 19;

    private readonly JournalFolder folder;
    private readonly JournalKey key;
    private readonly ConversionContext context;
    private readonly bool resumes;
    private bool isBegun;
    private bool isBroken;
    private bool isKept;
    private (long Start, long End)? lastState;

    private PassJournal(JournalFolder folder, JournalKey key, ConversionContext context, bool resumes)
    {
        this.folder = folder;
        this.key = key;
        this.context = context;
        this.resumes = resumes;
    }

    /// <summary>The journal of an output; null with an error where the one that is there cannot be gone on with.</summary>
    /// <param name="target">The output.</param>
    /// <param name="key">What the result depends on.</param>
    /// <param name="resumes">True to go on with the journal that is there.</param>
    /// <param name="context">Whom it tells what.</param>
    public static PassJournal? Open(string target, JournalKey key, bool resumes, ConversionContext context)
    {
        var journal = new PassJournal(new JournalFolder(target + ".journal"), key, context, resumes);
        if (!journal.folder.Exists)
        {
            if (resumes)
                journal.Say("there is no journal: nothing is taken from it");
            return journal;
        }

        if (journal.folder.Take() is { } reason)
            context.Diagnostics.Add(JournalDiagnostics.InUse, $"the journal cannot be opened: {reason.TrimEnd('.')}", Place.OfFile(journal.folder.Path), "another run may be writing this output: wait for it, or choose another name");
        else if (!resumes)
            journal.Say("the journal of an earlier run is replaced when the first block is finished; --resume goes on with it");
        else
            journal.CheckKey();
        if (!context.Diagnostics.HasErrors)
            return journal;
        journal.Dispose();
        return null;
    }

    /// <inheritdoc/>
    public FinishedBlock? Take(int stage, int block, Module module)
    {
        var file = folder.Block(stage, block);
        if (!resumes || !File.Exists(file))
            return null;
        var finished = BlockArchive.Read(file, Purpose(stage, block), out var reason);
        if (finished is not null && (reason = BlockFit.Reject(finished, module, block)) is null)
            return finished;
        ReportDamage(file, reason, $"the block {module.Blocks[block].Name} is computed again");
        return null;
    }

    /// <inheritdoc/>
    public CalibrationState? TakeState(int stage, int first, int last)
    {
        var blocks = resumes ? folder.States().Where(row => row.Stage == stage && row.Block >= first && row.Block <= last).Select(row => row.Block).DefaultIfEmpty(-1).Max() : -1;
        if (blocks < 0)
            return null;
        var file = folder.State(stage, blocks);
        if (StateArchive.Read(file, Purpose(stage, blocks), blocks, out var reason) is { } state)
            return state;
        ReportDamage(file, reason, "the calibration text is carried through the finished blocks again");
        return null;
    }

    /// <inheritdoc/>
    public void Tell(string pass, int taken, int blocks)
    {
        if (!resumes || !folder.Exists)
            return;
        isKept = true;
        Say(string.Create(CultureInfo.InvariantCulture, $"{pass}: {taken} of {blocks} blocks were taken from the journal"));
    }

    /// <inheritdoc/>
    public void Finish(int stage, int block, FinishedBlock finished) =>
        Write(bag => BlockArchive.Write(folder.Block(stage, block), Purpose(stage, block), finished, bag, context.Cancellation));

    /// <inheritdoc/>
    public void Keep(int stage, CalibrationState state)
    {
        // Blocks that are finished are soon walked through again; what they took to be finished is not to be slowed down.
        if (lastState is var (began, ended) && Stopwatch.GetElapsedTime(ended) < StateShare * Stopwatch.GetElapsedTime(began, ended))
            return;
        var start = Stopwatch.GetTimestamp();
        var file = folder.State(stage, state.Block);
        Write(bag => StateArchive.Write(file, Purpose(stage, state.Block), state, bag, context.Cancellation) && DropOtherStates(stage, state.Block, bag));
        lastState = (start, Stopwatch.GetTimestamp());
    }

    /// <summary>Removes the journal of a conversion that is done.</summary>
    public void Remove()
    {
        if (folder.Remove() is { } reason)
            context.Diagnostics.Add(JournalDiagnostics.NotKept, $"the journal is not needed any more and cannot be removed: {reason}", Place.OfFile(folder.Path), "delete the folder");
        isKept = false;
    }

    /// <summary>Leaves the journal as it is, to be gone on with.</summary>
    public void Dispose()
    {
        folder.Dispose();
        if (isKept)
            Say("finished blocks are kept; --resume goes on behind them");
    }

    private void CheckKey()
    {
        if (folder.Read(out var reason) is not { } found)
            ReportDamage(folder.Manifest, reason, "finished blocks say themselves whether they are of this run");
        else if (found.Hash != key.Hash)
            context.Diagnostics.Add(JournalDiagnostics.OtherRun, $"expected the journal of this run, found one that differs in {key.Differences(found)}", Place.OfFile(folder.Path), "delete the folder, or leave --resume out to replace it");
    }

    private void Write(Func<DiagnosticBag, bool> write)
    {
        var bag = new DiagnosticBag();
        if (isBroken || (Begin(bag) && write(bag)))
            return;
        isBroken = true;
        context.Diagnostics.Add(JournalDiagnostics.NotKept, $"{bag.Items[0].Message.TrimEnd('.')}; the conversion goes on without a journal", Place.OfFile(folder.Path));
    }

    private bool Begin(DiagnosticBag bag)
    {
        if (isBegun)
            return true;
        if ((folder.Take() ?? (resumes ? null : folder.Clear())) is { } problem)
            bag.Add(JournalDiagnostics.NotKept, problem, Place.OfFile(folder.Path));
        else
            isBegun = isKept = folder.Write(key, bag);
        return isBegun;
    }

    /// <summary>False with an error where a state of before cannot be removed: the disk would fill with them.</summary>
    private bool DropOtherStates(int stage, int block, DiagnosticBag bag)
    {
        foreach (var (otherStage, otherBlock) in folder.States().Where(row => row != (stage, block)).ToArray())
        {
            if (folder.DropState(otherStage, otherBlock) is { } reason)
                bag.Add(JournalDiagnostics.NotKept, reason, Place.OfFile(folder.Path));
        }

        return bag.Items.Count == 0;
    }

    private string Purpose(int stage, int block) => string.Create(CultureInfo.InvariantCulture, $"{key.Hash} {stage} {block}");

    private void ReportDamage(string file, string? reason, string consequence) =>
        context.Diagnostics.Add(JournalDiagnostics.Damaged, $"{reason?.TrimEnd('.')}; {consequence}", Place.OfFile(file));

    private void Say(string text) => context.Logger.LogInformation("{Folder}: {Text}", folder.Path, text);
}
