using BiMamba.Diagnostics;
using BiMamba.Tensors;

namespace BiMamba.Synthesis.Tests;

/// <summary>Checkpoints small enough to write in every test.</summary>
internal static class Shapes
{
    /// <summary>A tiny shape: d_model 24 to 64, two layers.</summary>
    public static ModelShape Tiny(Architecture architecture) => architecture.IsMamba2
        ? new ModelShape(architecture, 64, 2, 101) { State = 16, HeadWidth = 32 }
        : new ModelShape(architecture, 24, 2, 101);

    public static SynthesisOptions Options(Architecture architecture, ulong seed = 7, ElementType type = ElementType.F16) =>
        new(architecture, ModelSize.All[0]) { Seed = seed, Type = type };

    /// <summary>Writes a tiny checkpoint and fails on any diagnostic.</summary>
    public static void Write(Architecture architecture, string folder, bool force = false, ulong seed = 7, ElementType type = ElementType.F16, long shardBytes = SynthesisOptions.DefaultShardBytes)
    {
        var diagnostics = new DiagnosticBag();
        var options = Options(architecture, seed, type) with { MaxShardBytes = shardBytes };
        var written = Synthesizer.Write(Tiny(architecture), options, folder, force, diagnostics, null, TestContext.Current.CancellationToken);
        Assert.Empty(diagnostics.Items);
        Assert.True(written);
    }
}
