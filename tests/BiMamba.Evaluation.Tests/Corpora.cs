using BiMamba.Diagnostics;

namespace BiMamba.Evaluation.Tests;

/// <summary>Corpora and plans in memory.</summary>
internal static class Corpora
{
    public static Corpus OfIds(params int[] ids) => new("corpus.ids", new string('0', 64), null, ids, "ids", null);

    public static WindowPlan Plan(int context, params int[] ids) => WindowPlan.Create(OfIds(ids), context, null, new DiagnosticBag())!;
}
