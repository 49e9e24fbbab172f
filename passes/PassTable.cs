using System.Collections.Immutable;
using BiMamba.Diagnostics;
using BiMamba.Passes.Billm;
using BiMamba.Passes.Canonicalize;
using BiMamba.Passes.Cast;
using BiMamba.Passes.Dequantize;
using BiMamba.Passes.FoldFbi;
using BiMamba.Passes.Fuse;
using BiMamba.Passes.Gptq;
using BiMamba.Passes.OneBit;
using BiMamba.Passes.Pack;
using BiMamba.Passes.QuantizeEmbedding;
using BiMamba.Passes.Rename;
using BiMamba.Passes.Rtn;
using BiMamba.Passes.Ternary;
using BiMamba.Passes.TieWeights;
using BiMamba.Passes.Untie;
using BiMamba.Passes.Xnor;
using BiMamba.Pipeline;
using BiMamba.Text;

namespace BiMamba.Passes;

/// <summary>The pass table: every pass once, in the order of a usual pipeline; and the named pipelines.</summary>
public static class PassTable
{
    /// <summary>All passes.</summary>
    public static ImmutableArray<Pass> All { get; } =
    [
        new RenamePass(),
        new CanonicalizePass(),
        new FusePass(),
        new FoldFbiPass(),
        new RtnPass(),
        new XnorPass(),
        new OneBitPass(),
        new TernaryPass(),
        new GptqPass(),
        new BillmPass(),
        new TieWeightsPass(),
        new UntiePass(),
        new DequantizePass(),
        new CastPass(),
        new QuantizeEmbeddingPass(),
        new PackPass(),
    ];

    /// <summary>The pipelines of <c>passes/pipelines</c>, by name.</summary>
    public static ImmutableArray<NamedPipeline> Pipelines { get; } = PipelineFiles.Load();

    /// <summary>The pipeline of a text over all passes and named pipelines; null where the bag got an error.</summary>
    public static PassPipeline? Parse(SourceText text, DiagnosticBag diagnostics) => PipelineParser.Parse(text, All, diagnostics, Pipelines);
}
