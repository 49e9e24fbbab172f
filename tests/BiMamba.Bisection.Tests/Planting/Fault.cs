using System.Collections.Immutable;
using BiMamba.IR;

namespace BiMamba.Bisection.Planting;

/// <summary>A bug of a pass, and where it is.</summary>
/// <param name="Name">What the bug is.</param>
/// <param name="Block">The layer that it spoils.</param>
/// <param name="Value">The value that is wrong first.</param>
/// <param name="Role">The role of the spoiled weight at the op that defines <paramref name="Op"/>; empty where no weight is to blame.</param>
/// <param name="Op">A result of the op with the spoiled weight or attribute.</param>
/// <param name="Change">Spoils an op of a module.</param>
internal sealed record Fault(string Name, string Block, string Value, string Role, string Op, Func<Module, Op, Module> Change)
{
    /// <summary>Spoils a module that has the op; a small one may have only others.</summary>
    public Module Apply(Module module) => Find(module) is { } op ? Change(module, op) : module;

    /// <summary>The op, or null.</summary>
    public Op? Find(Module module) =>
        module.Blocks.Where(block => block.Name == Block).SelectMany(block => block.Body).FirstOrDefault(op => op.Results.Any(result => result.Name == Op));

    public override string ToString() => $"{Name} in @{Block}";

    /// <summary>A module with one weight exchanged.</summary>
    public static Module Exchange(Module module, string name, Func<Resource, Resource> change) =>
        module with { Resources = module.Resources.SetItem(name, change(module.Resources[name])) };

    /// <summary>A module with one op exchanged.</summary>
    public static Module Exchange(Module module, string block, Op op, Op other) => module with
    {
        Blocks = [.. module.Blocks.Select(candidate => candidate.Name == block ? candidate with { Body = candidate.Body.Replace(op, other) } : candidate)],
    };
}
