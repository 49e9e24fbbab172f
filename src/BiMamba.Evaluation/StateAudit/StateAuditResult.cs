namespace BiMamba.Evaluation.StateAudit;

/// <summary>How the states and the predictions of a model leave those of a reference along one sequence.</summary>
/// <param name="Plan">The sequence: the only window.</param>
/// <param name="Positions">Tokens after which states are compared, ascending: the powers of two up to the length of the sequence, and that length.</param>
/// <param name="Layers">The scans, in order of execution.</param>
/// <param name="Buckets">The predictions by position, ascending.</param>
public sealed record StateAuditResult(WindowPlan Plan, IReadOnlyList<int> Positions, IReadOnlyList<LayerAudit> Layers, IReadOnlyList<PositionBucket> Buckets)
{
    /// <summary>Tokens that have a next one: all but the last.</summary>
    public long Tokens => Buckets.Sum(bucket => bucket.Tokens);

    /// <summary>Mean KL divergence of the model from the reference over all tokens, in nats a token.</summary>
    public double Kl => Mean(bucket => bucket.Kl);

    /// <summary>Mean negative log-likelihood of the next token by the reference, in nats.</summary>
    public double ReferenceNll => Mean(bucket => bucket.ReferenceNll);

    /// <summary>Mean negative log-likelihood of the next token by the model, in nats.</summary>
    public double OtherNll => Mean(bucket => bucket.OtherNll);

    /// <summary>Share of tokens whose largest logit is the same.</summary>
    public double TopAgreement => Mean(bucket => bucket.TopAgreement);

    /// <summary>The errors of all heads of all layers after a position.</summary>
    /// <param name="position">Index in <see cref="Positions"/>.</param>
    public PositionErrors Errors(int position)
    {
        var all = Layers.SelectMany((layer, i) => layer.Heads.Select((head, j) => (Error: head.Errors[position], Layer: i, Head: j))).ToArray();
        var worst = all.MaxBy(item => item.Error);
        return new PositionErrors(Positions[position], Median(all.Select(item => item.Error)), worst.Error, worst.Layer, worst.Head);
    }

    /// <summary>The value in the middle, or the mean of the two there.</summary>
    internal static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    private double Mean(Func<PositionBucket, double> value) => Buckets.Sum(bucket => value(bucket) * bucket.Tokens) / Tokens;
}

/// <summary>The errors of all heads of all layers after a position; without heads, those of the layers.</summary>
/// <param name="Position">Tokens.</param>
/// <param name="Median">The median.</param>
/// <param name="Worst">The largest.</param>
/// <param name="WorstLayer">Index of the layer that has it, the first of several.</param>
/// <param name="WorstHead">Index of the head in that layer.</param>
public sealed record PositionErrors(int Position, double Median, double Worst, int WorstLayer, int WorstHead);

/// <summary>One scan.</summary>
/// <param name="Block">Name of its block in the reference.</param>
/// <param name="HasHeads">False for Mamba-1, where the only item of <paramref name="Heads"/> is the whole layer.</param>
/// <param name="StateSize">State dimensions of a channel.</param>
/// <param name="Channels">Channels of a head, or of the layer.</param>
/// <param name="Heads">The heads.</param>
public sealed record LayerAudit(string Block, bool HasHeads, int StateSize, int Channels, IReadOnlyList<HeadAudit> Heads)
{
    /// <summary>Median of the heads' errors after a position.</summary>
    /// <param name="position">Index of the position.</param>
    public double MedianError(int position) => StateAuditResult.Median(Heads.Select(head => head.Errors[position]));

    /// <summary>The largest error of a head after a position, and the index of that head, the first of several.</summary>
    /// <param name="position">Index of the position.</param>
    public (double Error, int Head) WorstError(int position) => Heads.Select((head, i) => (head.Errors[position], i)).MaxBy(item => item.Item1);

    /// <summary>Median of the heads' memory in the reference, in tokens.</summary>
    public double ReferenceMemory => StateAuditResult.Median(Heads.Select(head => head.ReferenceMemory));

    /// <summary>Median of the heads' memory in the model, in tokens.</summary>
    public double OtherMemory => StateAuditResult.Median(Heads.Select(head => head.OtherMemory));

    /// <summary>Median of the heads' <see cref="HeadAudit.MemoryRatio"/>.</summary>
    public double MemoryRatio => StateAuditResult.Median(Heads.Select(head => head.MemoryRatio));
}

/// <summary>One head of a scan; in Mamba-1 the whole scan.</summary>
/// <remarks>
/// The error after t tokens is ||S - R|| / ||R|| with S the state [n][p] of the model after them, R that of the reference,
/// and || || the Frobenius norm, summed in fp64 over the fp32 states; 0 where both states are equal, infinite where only
/// that of the reference is zero.
/// The memory of a head is 1 / m tokens, with m the mean over all tokens of the sequence of dt |a|, where
/// dt = clamp(softplus(raw + bias)) is the step of the token and a = -exp(a_log) the rate of the head: a token multiplies
/// the state by exp(dt a), so that over the sequence the state falls to 1/e once in so many tokens, in the geometric mean.
/// In Mamba-1 m is also the mean over channels c and state dimensions n, whose rates a[c, n] differ; infinite where nothing
/// decays.
/// </remarks>
/// <param name="Errors">The error of the state after each position.</param>
/// <param name="ReferenceMemory">The memory of the reference, in tokens.</param>
/// <param name="OtherMemory">The memory of the model, in tokens.</param>
public sealed record HeadAudit(IReadOnlyList<double> Errors, double ReferenceMemory, double OtherMemory)
{
    /// <summary>Memory of the model over that of the reference: above 1 it forgets more slowly.</summary>
    public double MemoryRatio => ReferenceMemory == OtherMemory ? 1 : OtherMemory / ReferenceMemory;
}

/// <summary>
/// The predictions after p tokens, for p in [<paramref name="First"/>, <paramref name="End"/>): all means are over these
/// tokens, in fp64 over fp32 logits.
/// </summary>
/// <param name="First">The least number of tokens seen.</param>
/// <param name="End">One more than the largest.</param>
/// <param name="Kl">Mean KL divergence of the model from the reference, in nats a token.</param>
/// <param name="ReferenceNll">Mean negative log-likelihood of the next token by the reference, in nats.</param>
/// <param name="OtherNll">Mean negative log-likelihood of the next token by the model, in nats.</param>
/// <param name="TopAgreement">Share of tokens whose largest logit is the same.</param>
public sealed record PositionBucket(int First, int End, double Kl, double ReferenceNll, double OtherNll, double TopAgreement)
{
    /// <summary>Tokens.</summary>
    public long Tokens => End - First;
}

/// <summary>How far an audit is.</summary>
/// <param name="Tokens">Tokens that are done.</param>
/// <param name="Total">Tokens in all.</param>
/// <param name="Kl">Mean KL divergence so far, in nats a token.</param>
public readonly record struct StateAuditProgress(int Tokens, int Total, double Kl);
