using System.Globalization;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.IR;
using BiMamba.Pipeline;

namespace BiMamba.Passes.Fuse;

/// <summary>What a run of the pass fused and what it left.</summary>
/// <param name="context">Receives warnings and the report.</param>
internal sealed class FuseReport(PassContext context)
{
    private readonly HashSet<(string Block, string Value)> left = [];
    private readonly List<(string Norm, string Reason, string? Hint)> reasons = [];
    private int absent;

    /// <summary>Convolutions that took their activation.</summary>
    public int Activations { get; set; }

    /// <summary>Norms that took the factors behind them.</summary>
    public int Norms { get; set; }

    /// <summary>Linears that became part of another one.</summary>
    public int Linears { get; set; }

    /// <summary>Linears that they became.</summary>
    public int Stacks { get; set; }

    /// <summary>True where a norm was looked at and stays as it is.</summary>
    public bool IsLeft(Block block, Op norm) => left.Contains((block.Name, norm.Result.Name));

    /// <summary>A norm stays as it is because a number would be lost or because somebody else reads a vector.</summary>
    /// <param name="block">The block.</param>
    /// <param name="norm">The norm in it.</param>
    /// <param name="reason">What stands against it.</param>
    /// <param name="hint">What would change that, or null.</param>
    public void Leave(Block block, Op norm, string reason, string? hint = null)
    {
        left.Add((block.Name, norm.Result.Name));
        reasons.Add(($"@{block.Name} %{norm.Result.Name}", reason, hint));
    }

    /// <summary>A norm stays as it is because the module has no weights.</summary>
    public void LeaveForWeights(Block block, Op norm)
    {
        left.Add((block.Name, norm.Result.Name));
        absent++;
    }

    /// <summary>Forgets which norms stay as they are, since others have changed.</summary>
    public void LookAgain()
    {
        left.Clear();
        reasons.Clear();
        absent = 0;
    }

    /// <summary>Adds a warning for every norm that stays, and the report, to the bag.</summary>
    public void Finish()
    {
        foreach (var (norm, reason, hint) in reasons)
            context.Diagnostics.Add(PipelineDiagnostics.Unfused, $"stays unfused: {reason}", new Place("fuse", Field: norm), hint);
        var text = new List<string>();
        void Say(int count, FormattableString what)
        {
            if (count > 0)
                text.Add(what.ToString(CultureInfo.InvariantCulture));
        }

        Say(Activations, $"{Activations} activations");
        Say(Norms, $"{Norms} factors behind norms");
        Say(Linears, $"{Linears} linears into {Stacks}");
        Say(absent, $"{absent} factors left, as their weights are not here");
        context.Diagnostics.Add(PipelineDiagnostics.PassReport, text.Count == 0 ? "nothing fused" : "fused: " + string.Join(", ", text), new Place("fuse"));
    }
}
