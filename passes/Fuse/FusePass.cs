using BiMamba.IR;
using BiMamba.Pipeline;

namespace BiMamba.Passes.Fuse;

/// <summary>
/// Makes one op of two or more: a convolution and its activation, a norm and the factor behind it, linears that read the
/// same value.
/// </summary>
/// <remarks>
/// The factor of a norm rounds once more than before where two vectors are multiplied; everything else gives the same
/// bits. Only that needs weights: without them such factors stay, and the report says so.
/// </remarks>
public sealed class FusePass : Pass
{
    private const string Activations = "activations";
    private const string Norms = "norms";
    private const string Linears = "linears";

    /// <inheritdoc/>
    public override PassInfo Info { get; } = new(
        "fuse",
        "A convolution takes its activation, a norm the factor behind it, and linears of one input become one.",
        LevelRule.Everywhere,
        [
            new PassOption(Activations, new OptionValue.Bool(true), "true to fuse causal_conv1d with the silu behind it"),
            new PassOption(Norms, new OptionValue.Bool(true), "true to fuse a norm with the scale, or the column_scale of the sign_linear, behind it"),
            new PassOption(Linears, new OptionValue.Bool(true), "true to stack linears that read the same value, and split their result"),
        ],
        "fuse{linears=false}")
    {
        Weights = WeightUse.IfPresent,
    };

    /// <inheritdoc/>
    public override Module? Run(Module module, PassOptions options, PassContext context)
    {
        var report = new FuseReport(context);
        if (options.Bool(Activations))
            module = EachBlock(module, context, (whole, i) => ActivationFusion.Run(whole, i, report));
        if (options.Bool(Norms))
            module = FuseNorms(module, context, report);
        if (options.Bool(Linears))
            module = EachBlock(module, context, (whole, i) => LinearStacking.Run(whole, i, report));
        report.Finish();
        return module.WithoutUnusedResources();
    }

    /// <summary>A factor that is fused no longer names its vector, which can set a norm of an earlier block free: norms are looked at until none changes.</summary>
    private static Module FuseNorms(Module module, PassContext context, FuseReport report)
    {
        while (true)
        {
            var before = report.Norms;
            module = EachBlock(module, context, (whole, i) => NormFusion.Run(whole, i, report));
            if (report.Norms == before)
                return module;
            report.LookAgain();
        }
    }

    private static Module EachBlock(Module module, PassContext context, Func<Module, int, Module> rewrite)
    {
        for (var i = 0; i < module.Blocks.Length; i++)
        {
            context.Cancellation.ThrowIfCancellationRequested();
            module = rewrite(module, i);
        }

        return module;
    }
}
