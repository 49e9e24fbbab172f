using System.Collections.Immutable;
using System.Globalization;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.IR;
using BiMamba.Passes.Shared;
using BiMamba.Pipeline;
using BiMamba.Tensors;
using BiMamba.Weights;

namespace BiMamba.Passes.Cast;

/// <summary>
/// Floating-point resources get another floating-point type, rounded to nearest even as they are read. Codes, planes and
/// the bf16 scales of codes stay; so do vectors, whose errors reach every token and whose bytes are few, unless asked for.
/// </summary>
public sealed class CastPass : Pass
{
    private const string Stage = "cast";
    private const string DType = "dtype";
    private const string Only = "only";
    private const string Vectors = "vectors";

    /// <inheritdoc/>
    public override PassInfo Info { get; } = new(
        Stage,
        "Floating-point resources are rounded to fp16 or bf16, or widened to fp32.",
        LevelRule.Everywhere,
        [
            new PassOption(DType, new OptionValue.Word("f16"), "the element type; in f16 a latent weight of at most 2^-25 is an exact zero") { Allowed = ["f16", "bf16", "f32"] },
            new PassOption(Only, new OptionValue.List([new OptionValue.Text("*")]), "patterns of the resources; * stands for any characters") { Element = new PassOption("pattern", new OptionValue.Text(""), "a pattern") },
            new PassOption(Vectors, new OptionValue.Bool(false), "true for vectors too: norms, biases, a_log, dt_bias, d, scales and shifts"),
        ],
        "cast{dtype=bf16, only=[\"*.weight\"]}");

    /// <inheritdoc/>
    public override Module? Run(Module module, PassOptions options, PassContext context)
    {
        var type = ElementTypes.All.Single(row => row.Name == options.Word(DType)).Type;
        var patterns = options.Texts(Only).Select(text => new NamePattern(text)).ToList();
        var unmatched = patterns.FindAll(pattern => !module.Resources.Keys.Any(pattern.Matches));
        unmatched.ForEach(pattern => pattern.ReportNoMatch(Stage, module.Resources.Keys, "resource", context.Diagnostics));
        if (unmatched.Count > 0)
            return null;
        var kept = Kept(module, options.Bool(Vectors));
        var chosen = module.Resources.Values
            .Where(resource => resource.Encoding.IsFloat() && resource.Encoding != Encodings.Of(type) && !kept.Contains(resource.Name) && patterns.Exists(pattern => pattern.Matches(resource.Name)))
            .ToImmutableArray();
        return Convert(module, chosen, type, context);
    }

    /// <summary>Resources that keep their type: scales of codes, which have only one, and vectors.</summary>
    private static HashSet<string> Kept(Module module, bool vectors)
    {
        var kept = new HashSet<string>(StringComparer.Ordinal);
        foreach (var op in module.Blocks.SelectMany(block => block.Body))
        {
            foreach (var operand in op.Operands.Where(operand => operand.IsResource))
            {
                var isCodeScale = op.Code is OpCode.Embedding or OpCode.LmHead && operand.Role == "scale";
                if (isCodeScale || (!vectors && IsVector(module.Resources[operand.Name].Shape, operand.Role)))
                    kept.Add(operand.Name);
            }
        }

        return kept;
    }

    /// <summary>At most one dimension is more than 1; and the a_log of Mamba-1, a vector for each channel.</summary>
    private static bool IsVector(Shape shape, string role) => role == "a_log" || shape.Dims.Count(dim => dim != 1) <= 1;

    private static Module? Convert(Module module, ImmutableArray<Resource> chosen, ElementType type, PassContext context)
    {
        var checks = new CastCheck[chosen.Length];
        var (total, done) = (chosen.Sum(resource => resource.Data.ByteLength), 0L);
        Parallel.For(0, chosen.Length, context.Parallel, i =>
        {
            checks[i] = CastCheck.Of(chosen[i].Data, type, context.Cancellation);
            context.Progress?.Report(new PassProgress(Stage, chosen[i].Name, Interlocked.Add(ref done, chosen[i].Data.ByteLength), total));
        });
        var resources = module.Resources.ToBuilder();
        var ok = true;
        foreach (var (resource, check) in chosen.Zip(checks))
        {
            if (check.Unfit >= 0)
            {
                context.Diagnostics.Add(
                    PipelineDiagnostics.NotFinite,
                    string.Create(CultureInfo.InvariantCulture, $"element {FiniteWeights.Coordinates(check.Unfit, resource.Shape)}: expected a number that {type.Name()} can hold, found {check.Value:R}"),
                    new Place(Stage, resource.Name),
                    "name the resources to cast with only=[...], or take a type with the range of fp32");
                ok = false;
                continue;
            }

            context.Report(Stage, resource.Name, "relative weight error", check.LargestError);
            resources[resource.Name] = new Resource(resource.Name, new CastTensor(resource.Data, type));
        }

        if (!ok)
            return null;
        context.Diagnostics.Add(PipelineDiagnostics.PassReport, Summary(chosen, checks, type), new Place(Stage));
        return module with { Resources = resources.ToImmutable() };
    }

    private static string Summary(ImmutableArray<Resource> chosen, CastCheck[] checks, ElementType type)
    {
        var summary = string.Create(CultureInfo.InvariantCulture, $"{chosen.Length} resources are {type.Name()}");
        if (chosen.IsEmpty)
            return summary;
        var (resource, check) = chosen.Zip(checks).MaxBy(pair => pair.Second.LargestError);
        return summary + string.Create(CultureInfo.InvariantCulture, $"; largest relative error {check.LargestError:0.0e+0} in @{resource.Name}");
    }
}
