using BiMamba.Evaluation;
using BiMamba.Evaluation.StateAudit;
using BiMamba.Runtime;

namespace BiMamba.CommandLine.Reports;

/// <summary>A head: its state's relative error after every position, and the memory of both models in tokens; the head is null where the layer has none.</summary>
internal sealed record HeadAuditJson(int? Head, IReadOnlyList<double> Errors, double ReferenceMemory, double Memory, double MemoryRatio);

/// <summary>A scan; the state of each head is [stateSize][channels].</summary>
internal sealed record LayerAuditJson(string Layer, int StateSize, int Channels, IReadOnlyList<HeadAuditJson> Heads);

/// <summary>The errors of all heads after a position.</summary>
internal sealed record PositionErrorsJson(int Position, double MedianError, double WorstError, string WorstLayer, int? WorstHead);

/// <summary>The predictions after first to last tokens.</summary>
internal sealed record PredictionsJson(int First, int Last, long Tokens, double Kl, double ReferenceNll, double Nll, double TopAgreement);

/// <summary>The result of audit-state; the errors of heads stand in the order of the positions, and the predictions of all tokens behind those by position.</summary>
internal sealed record AuditStateJson(
    int SchemaVersion, string Reference, string Model, string Corpus, string CorpusSha256, long CorpusTokens, string Tokenizer, string? TokenizerSha256, int Context, string Engine,
    double? CalibrationOverlap, int? CalibrationOverlapSampled, IReadOnlyList<PositionErrorsJson> Positions, IReadOnlyList<LayerAuditJson> Layers, IReadOnlyList<PredictionsJson> Buckets, PredictionsJson All)
{
    /// <summary>The result of an audit.</summary>
    public static AuditStateJson Of(string reference, string model, StateAuditResult result, RuntimeOptions runtime, NgramOverlap? overlap)
    {
        var corpus = result.Plan.Corpus;
        return new AuditStateJson(
            1, reference, model, Path.GetFileName(corpus.Path), corpus.Sha256, corpus.Ids.Length, corpus.TokenizerKind, corpus.TokenizerHash, result.Plan.Context, RuntimeWords.Of(runtime.Engine),
            overlap?.Share, overlap?.Sampled,
            [.. Enumerable.Range(0, result.Positions.Count).Select(i => Position(result, result.Errors(i)))],
            [.. result.Layers.Select(Layer)],
            [.. result.Buckets.Select(bucket => new PredictionsJson(bucket.First, bucket.End - 1, bucket.Tokens, bucket.Kl, bucket.ReferenceNll, bucket.OtherNll, bucket.TopAgreement))],
            new PredictionsJson(1, result.Plan.Context - 1, result.Tokens, result.Kl, result.ReferenceNll, result.OtherNll, result.TopAgreement));
    }

    private static PositionErrorsJson Position(StateAuditResult result, PositionErrors errors)
    {
        var worst = result.Layers[errors.WorstLayer];
        return new PositionErrorsJson(errors.Position, errors.Median, errors.Worst, worst.Block, worst.HasHeads ? errors.WorstHead : null);
    }

    private static LayerAuditJson Layer(LayerAudit layer) => new(
        layer.Block, layer.StateSize, layer.Channels,
        [.. layer.Heads.Select((head, i) => new HeadAuditJson(layer.HasHeads ? i : null, head.Errors, head.ReferenceMemory, head.OtherMemory, head.MemoryRatio))]);
}
