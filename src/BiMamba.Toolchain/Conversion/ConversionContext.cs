using BiMamba.Diagnostics;
using BiMamba.IR;
using BiMamba.Pipeline;
using Microsoft.Extensions.Logging;

namespace BiMamba.Toolchain.Conversion;

/// <summary>Whom a conversion tells what, and who watches its passes.</summary>
/// <param name="Diagnostics">Receives errors, warnings and notes.</param>
/// <param name="Logger">Receives what is not a diagnostic: the model, the journal, times.</param>
/// <param name="Progress">Receives progress from any thread, or null.</param>
/// <param name="Cancellation">Stops the work; a file is whole or not there then.</param>
internal sealed record ConversionContext(DiagnosticBag Diagnostics, ILogger Logger, IProgress<ConversionProgress>? Progress, CancellationToken Cancellation)
{
    /// <summary>Runs passes; null where the bag got an error.</summary>
    public Func<Module, PassPipeline, PassContext, Module?> RunPasses { get; init; } = (module, stages, passes) => PassManager.Run(module, stages, passes);

    /// <summary>Sees the passes when they are done.</summary>
    public Action<PassContext> AfterPasses { get; init; } = _ => { };

    /// <summary>Bytes of the inputs that are hashed.</summary>
    public IProgress<(long Done, long Total)> HashInputs => new DirectProgress<(long Done, long Total)>(bytes => Report(ConversionStep.HashInputs, "", "", bytes.Done, bytes.Total));

    /// <summary>Passes.</summary>
    public IProgress<PassProgress> Passes => new DirectProgress<PassProgress>(pass => Report(ConversionStep.Passes, pass.Stage, pass.Item, pass.Done, pass.Total));

    /// <summary>Begins a step, and takes the units of it that are done.</summary>
    public IProgress<long> Begin(ConversionStep step, long total)
    {
        Report(step, "", "", 0, total);
        return new DirectProgress<long>(done => Report(step, "", "", done, total));
    }

    /// <summary>Reports progress.</summary>
    public void Report(ConversionStep step, string stage, string item, long done, long total) => Progress?.Report(new ConversionProgress(step, stage, item, done, total));
}
