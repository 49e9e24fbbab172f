using System.Globalization;
using BiMamba.Bisection;
using BiMamba.CommandLine.Console;
using BiMamba.Frontend.Text;
using BiMamba.Text;

namespace BiMamba.CommandLine.Reports;

/// <summary>What bisect says.</summary>
internal sealed class BisectReport(TextWriter writer)
{
    /// <summary>The result as text.</summary>
    /// <param name="request">What was bisected.</param>
    /// <param name="result">What was found.</param>
    /// <param name="written">The file of the reproducer, or null.</param>
    public void Write(BisectionRequest request, BisectionResult result, string? written)
    {
        Line($"{request.Ids.Length} token{(request.Ids.Length == 1 ? "" : "s")}, tolerance {Number(request.Tolerance)}");
        WriteStages(result);
        if (result.Culprit is not { } culprit)
        {
            Line($"no stage moves a logit out of the tolerance");
            return;
        }

        var stage = result.Stages[culprit.Stage];
        Line($"pass: stage {culprit.Stage + 1}, {stage.Stage}{(culprit.IsSudden ? "" : "; it stays inside the tolerance by itself, differences of earlier stages add up")}");
        foreach (var problem in stage.Problems)
            Line($"  {problem}");
        WriteLayer(culprit.Block);
        if (culprit.Tensor is { } tensor)
            WriteTensor(tensor);
        WriteReproducer(culprit.Reproducer, written);
    }

    /// <summary>One sentence about the stage that leaves the tolerance.</summary>
    public static string Verdict(BisectionRequest request, StageDifference stage) => stage.FromInput is { } difference
        ? $"{stage.Stage}: expected logits within {Number(request.Tolerance)} of those of the model, found {Number(difference.Max)}"
        : $"{stage.Stage}: the verifier refuses its result: {stage.Problems[0]}";

    /// <summary>The result as JSON.</summary>
    public static BisectJson ToJson(BisectionRequest request, BisectionResult result, string? written) => new(
        1, request.Ids.Length, request.Tolerance,
        [.. result.Stages.Select(stage => new BisectStageJson(stage.Stage, ToJson(stage.FromInput), ToJson(stage.FromPrevious), stage.Problems))],
        result.Culprit is { } culprit ? new BisectCulpritJson(
            culprit.Stage, result.Stages[culprit.Stage].Stage, culprit.IsSudden,
            culprit.Block is { } block ? new BisectLayerJson(block.Name, block.IsAlone, ToJson(block.Logits)) : null,
            culprit.Tensor is { } tensor ? new BisectTensorJson(tensor.Value, tensor.OpBefore, tensor.OpAfter, tensor.TypeBefore, tensor.TypeAfter, tensor.Resources, tensor.FeaturesOff, ToJson(tensor.Difference)) : null,
            culprit.Reproducer is { } reproducer ? new BisectReproducerJson(written, reproducer.Scope, reproducer.IsSliced, WeightBytes(reproducer), reproducer.Ids, reproducer.Tolerance, reproducer.Difference) : null) : null);

    private void WriteStages(BisectionResult result)
    {
        var table = new TextTable("stage", "from input", "token", "id", "from stage before", "pass");
        foreach (var (index, stage) in result.Stages.Index())
        {
            var place = stage.FromInput is { Max: > 0 } difference ? (difference.Token.ToString(CultureInfo.InvariantCulture), difference.Feature.ToString(CultureInfo.InvariantCulture)) : ("", "");
            table.Add((index + 1).ToString(CultureInfo.InvariantCulture), Number(stage.FromInput?.Max), place.Item1, place.Item2, Number(stage.FromPrevious?.Max), stage.Stage);
        }

        table.Write(writer);
    }

    private void WriteLayer(BlockFinding? block)
    {
        if (block is null)
            Line($"layer: unknown, no layer before the pass has a counterpart that differs");
        else if (block.Logits is null)
            Line($"layer: @{TextEscapes.Name(block.Name)}");
        else
            Line($"layer: @{TextEscapes.Name(block.Name)}, {(block.IsAlone ? "which alone moves" : "no layer alone leaves the tolerance; this one moves most,")} a logit by {Number(block.Logits.Max)}");
    }

    private void WriteTensor(TensorFinding tensor)
    {
        Line($"tensor: %{TextEscapes.Name(tensor.Value)}{(tensor.Difference is { } difference ? string.Create(CultureInfo.InvariantCulture, $" at token {difference.Token}, feature {difference.Feature}: expected {difference.Expected:R}, found {difference.Found:R}; {tensor.FeaturesOff} features of the token are off") : $": expected {tensor.TypeBefore}, found {tensor.TypeAfter}")}");
        Line($"  before: {tensor.OpBefore ?? "nothing"}");
        Line($"  after:  {tensor.OpAfter ?? "nothing"}");
        if (!tensor.Resources.IsEmpty)
            Line($"  changed weights, the likeliest first: {string.Join(", ", tensor.Resources.Select(name => "@" + TextEscapes.Name(name)))}");
    }

    private void WriteReproducer(BisectionReproducer? reproducer, string? written)
    {
        if (reproducer is null)
        {
            Line($"reproducer: none, only the whole model shows the difference");
            return;
        }

        var where = written is null ? "-o writes it" : $"{written} and {IrFiles.WeightsPath(written)}";
        Line($"reproducer: {where}; {reproducer.Scope}, {(reproducer.IsSliced ? "" : "only whole tensors show it, ")}{WeightBytes(reproducer)} bytes of weights");
    }

    private static long WeightBytes(BisectionReproducer reproducer) => reproducer.Module.Resources.Values.Sum(resource => resource.Data.ByteLength);

    private static DifferenceJson? ToJson(Difference? difference) =>
        difference is null ? null : new DifferenceJson(difference.Max, difference.Token, difference.Feature, difference.Expected, difference.Found);

    private static string Number(double? value) => value is { } number ? number.ToString(number == 0 ? "0" : "0.00e+0", CultureInfo.InvariantCulture) : "refused";

    private void Line(FormattableString text) => writer.WriteLine(text.ToString(CultureInfo.InvariantCulture));
}
