using System.Collections.Immutable;
using BiMamba.Bisection.Running;
using BiMamba.IR;
using BiMamba.Pipeline;

namespace BiMamba.Bisection.Reproducing;

/// <summary>
/// Cuts a specimen down as far as the stage still shows its fault on it: first tokens, then the rows around the worst
/// feature, then columns by halves.
/// </summary>
/// <param name="specimen">What is cut.</param>
/// <param name="stage">The stage.</param>
/// <param name="tolerance">The tolerance that the logits of the small module must leave.</param>
/// <param name="breaks">True where the fault is that the verifier refuses the result.</param>
/// <param name="replay">Runs the stage.</param>
/// <param name="run">Runs modules.</param>
internal sealed class ReproducerSearch(Specimen specimen, Stage stage, double tolerance, bool breaks, StageReplay replay, ModuleRun run)
{
    private const int FewTokens = 4;
    private const int FewChannels = 16;
    private const int Growth = 4;
    private readonly ChannelMap map = new ChannelRules(specimen.Before, specimen.Types).Map(specimen.Ops);

    /// <summary>The smallest module that was found; null where even the whole specimen does not show the fault.</summary>
    /// <param name="scope">What the specimen is, for the result.</param>
    public BisectionReproducer? Find(string scope)
    {
        var firstToken = Math.Max(0, specimen.Token + 1 - FewTokens);
        var rows = CutRows(firstToken);
        if (rows is null)
        {
            firstToken = 0;
            rows = CutRows(0);
        }

        if (rows is null)
            return null;
        var kept = CutColumns(rows, firstToken);
        var (module, ids) = new ReproducerBuilder(specimen, map).Build(map.Complete(kept), firstToken);
        return new BisectionReproducer(module, ids, tolerance, Effect(module, ids) ?? 0, scope, kept.Count < map.All().Count || map.Values.All(value => map.Sets(value).Length <= Few(value)));
    }

    /// <summary>Keeps the sets of the wrong value that lie around its worst feature, and all others; null where even all of them do not show the fault.</summary>
    private HashSet<int>? CutRows(int firstToken)
    {
        var all = map.All();
        var axis = map.Sets(specimen.Value);
        var at = Array.IndexOf(axis, map.Set(specimen.Value, specimen.Feature));
        for (var count = Few(specimen.Value); count < axis.Length; count *= Growth)
        {
            var first = Math.Clamp(at - (count / 2), 0, axis.Length - count);
            var kept = all.Except(axis).Concat(axis.Skip(first).Take(count)).ToHashSet();
            if (Shows(kept, firstToken))
                return kept;
        }

        return Shows(all, firstToken) ? all : null;
    }

    /// <summary>Halves every other axis while one of the halves shows the fault.</summary>
    private HashSet<int> CutColumns(HashSet<int> kept, int firstToken)
    {
        var done = map.Sets(specimen.Value).ToHashSet();
        foreach (var value in specimen.Inputs.Where(input => specimen.Types[input].IsFeatures).Concat(map.Values))
        {
            var axis = map.Sets(value).Where(set => done.Add(set)).ToArray();
            while (axis.Length > Few(value))
            {
                var half = (axis.Length + 1) / 2;
                var (left, right) = (axis[..half], axis[half..]);
                var rest = kept.Except(axis).ToList();
                if (Shows([.. rest, .. left], firstToken))
                    axis = left;
                else if (Shows([.. rest, .. right], firstToken))
                    axis = right;
                else
                    break;
                kept = [.. rest, .. axis];
            }
        }

        return kept;
    }

    /// <summary>Sets of a value that hold few features: a head is one set of many.</summary>
    private int Few(string value) => (int)Math.Max(1, (long)FewChannels * map.Sets(value).Length / specimen.Types[value].Width);

    private bool Shows(HashSet<int> sets, int firstToken)
    {
        var (module, ids) = new ReproducerBuilder(specimen, map).Build(map.Complete(sets), firstToken);
        return Effect(module, ids) > tolerance;
    }

    /// <summary>What the stage does to the logits of a module: infinite where it breaks it, as it shall; null where it does not run.</summary>
    private double? Effect(Module module, ImmutableArray<int> ids)
    {
        var result = replay.Run(module, stage);
        if (result.IsBroken)
            return breaks ? double.PositiveInfinity : null;
        if (result.Module is null)
            return null;
        return run.Compare(result.Module, [.. ids], run.Run(module, [.. ids]).Logits).Max;
    }
}
