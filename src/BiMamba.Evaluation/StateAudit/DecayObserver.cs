using BiMamba.IR;
using BiMamba.Kernels;
using BiMamba.Runtime;

namespace BiMamba.Evaluation.StateAudit;

/// <summary>Measures the memory of every scan of a model while it runs, from the steps that go into it.</summary>
internal sealed class DecayObserver : IValueObserver
{
    private readonly ScanDecay[][] byBlock;

    /// <summary>Nothing is seen yet.</summary>
    /// <param name="module">The module that is run.</param>
    public DecayObserver(Module module)
    {
        byBlock = [.. module.Blocks.Select(block => block.Body.Where(op => op.Code is OpCode.SsdScan or OpCode.SelectiveScan).Select(op => new ScanDecay(module, op)).ToArray())];
        Scans = [.. byBlock.SelectMany(scans => scans)];
    }

    /// <summary>The scans, in order of execution.</summary>
    public IReadOnlyList<ScanDecay> Scans { get; }

    /// <inheritdoc/>
    public bool Wants(int block) => byBlock[block].Length > 0;

    /// <inheritdoc/>
    public void OnBlock(int block, int firstToken, Rows values)
    {
    }

    /// <inheritdoc/>
    public void OnValue(int block, string name, int firstToken, Rows values)
    {
        foreach (var scan in byBlock[block])
        {
            if (scan.Input == name)
                scan.Add(values);
        }
    }
}
