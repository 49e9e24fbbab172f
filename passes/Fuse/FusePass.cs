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
        for (var i = 0; i < module.Blocks.Length; i++)
        {
            context.Cancellation.ThrowIfCancellationRequested();
            if (options.Bool(Activations))
                module = ActivationFusion.Run(module, i, report);
            if (options.Bool(Norms))
                module = NormFusion.Run(module, i, report);
            if (options.Bool(Linears))
                module = LinearStacking.Run(module, i, report);
        }

        report.Finish();
        return module.WithoutUnusedResources();
    }
}
