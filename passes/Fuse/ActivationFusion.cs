using BiMamba.IR;
using BiMamba.Passes.Shared;

namespace BiMamba.Passes.Fuse;

/// <summary>A causal_conv1d without activation whose only reader is a silu becomes one with <c>act = silu</c>. Same bits.</summary>
internal static class ActivationFusion
{
    private const string Silu = "silu";

    /// <summary>The module with one block rewritten.</summary>
    public static Module Run(Module module, int index, FuseReport report)
    {
        var block = module.Blocks[index];
        foreach (var conv in block.Body.Where(op => op.Code == OpCode.CausalConv1d && op.Word(Attributes.Activation) == "none"))
        {
            if (block.OnlyReader(conv.Result.Name) is not { Code: OpCode.Silu } silu)
                continue;
            block = block.With(block.Replace(conv, conv.With(Attributes.Activation, new AttributeValue.Word(Silu)) with { Results = silu.Results }, silu));
            report.Activations++;
        }

        return module.WithBlock(index, block);
    }
}
