using BiMamba.Diagnostics;
using BiMamba.Frontend;
using BiMamba.IR;
using BiMamba.Passes;
using BiMamba.Pipeline;
using BiMamba.Runtime.Calibration;
using BiMamba.Text;
using BiMamba.Toolchain.Models;

namespace BiMamba.CommandLine.Tests;

/// <summary>What gptq gives a journal of the first two layers of the small Mamba-2 model.</summary>
public sealed class RecordedBlock : IDisposable
{
    private readonly LoadedModel model;
    private readonly Recorder recorder = new();

    public RecordedBlock()
    {
        var bag = new DiagnosticBag();
        model = ModelLoader.Load(Workplace.Mamba2, new ImportOptions(), bag)!;
        // Fewer tokens than columns and no damping: a warning is kept with the block.
        var pipeline = PassTable.Parse(new SourceText("pipeline", "gptq{percdamp=0.0, act_order=true, group=64, tensors=[\"*layers.0.*\", \"*layers.1.*\"]}"), bag)!;
        var calibration = new SampledCalibration([[.. Enumerable.Range(0, 40)], [.. Enumerable.Range(60, 30)]], 2);
        Assert.NotNull(PassManager.Run(model.Module, pipeline, new PassContext(bag, 2, TestContext.Current.CancellationToken) { Calibration = calibration, Journal = recorder }));
        Before = model.Module with { Level = Level.Quant };
    }

    /// <summary>The module before the pass, at its level.</summary>
    internal Module Before { get; }

    /// <summary>Index of the first layer.</summary>
    internal int Index => recorder.Blocks[0].Index;

    /// <summary>The first layer.</summary>
    internal FinishedBlock Block => recorder.Blocks[0].Finished;

    /// <summary>The samples before the second layer.</summary>
    internal CalibrationState State => recorder.States[0];

    /// <inheritdoc/>
    public void Dispose() => model.Dispose();

    private sealed class Recorder : IPassJournal
    {
        public List<(int Index, FinishedBlock Finished)> Blocks { get; } = [];

        public List<CalibrationState> States { get; } = [];

        public FinishedBlock? Take(int stage, int block, Module module) => null;

        public CalibrationState? TakeState(int stage, int first, int last) => null;

        public void Tell(string pass, int taken, int blocks)
        {
        }

        public void Finish(int stage, int block, FinishedBlock finished) => Blocks.Add((block, finished));

        public void Keep(int stage, CalibrationState state) => States.Add(state with { Samples = [.. state.Samples.Select(values => values.ToArray())] });
    }
}
