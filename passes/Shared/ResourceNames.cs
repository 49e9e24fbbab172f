using System.Collections.Immutable;
using System.Globalization;
using BiMamba.IR;

namespace BiMamba.Passes.Shared;

/// <summary>Names of the resources that passes put beside a weight.</summary>
public static class ResourceNames
{
    /// <summary>The name without its last part: <c>layers.0.in_proj</c> of <c>layers.0.in_proj.latent</c>; a name of one part is its own prefix.</summary>
    public static string Prefix(string weight) => weight.LastIndexOf('.') is > 0 and var end ? weight[..end] : weight;

    /// <summary>The name, or where it is taken the name with the first free number from 2 on behind it: <c>head.weight.2</c>.</summary>
    public static string Unique(string name, Func<string, bool> isTaken)
    {
        var unique = name;
        for (var number = 2; isTaken(unique); number++)
            unique = string.Create(CultureInfo.InvariantCulture, $"{name}.{number}");
        return unique;
    }

    /// <summary>
    /// Adds a resource under its own name or, where another one has that, the first free name of <see cref="Unique"/>; one
    /// that is there already, with the same type over the same storage, is not added again.
    /// </summary>
    /// <returns>The name.</returns>
    public static string Add(ImmutableSortedDictionary<string, Resource>.Builder resources, Resource resource)
    {
        bool IsSame(Resource other) => other.Encoding == resource.Encoding && other.Shape.Equals(resource.Shape) && other.Data.IsSameStorage(resource.Data);
        var name = Unique(resource.Name, taken => resources.TryGetValue(taken, out var other) && !IsSame(other));
        resources.TryAdd(name, name == resource.Name ? resource : resource.Renamed(name));
        return name;
    }

    /// <summary>The module whose ops name other resources: those of the map by their new name, the others as before.</summary>
    /// <param name="module">The module; its resources stay as they are.</param>
    /// <param name="names">New names by old ones.</param>
    public static Module Redirect(Module module, IReadOnlyDictionary<string, string> names) => module with
    {
        Blocks = [.. module.Blocks.Select(block => block with { Body = [.. block.Body.Select(op => Redirect(op, names))] })],
    };

    private static Op Redirect(Op op, IReadOnlyDictionary<string, string> names) =>
        op.Operands.Any(operand => operand.IsResource && names.ContainsKey(operand.Name))
            ? op with { Operands = [.. op.Operands.Select(operand => operand.IsResource && names.TryGetValue(operand.Name, out var name) ? operand with { Name = name } : operand)] }
            : op;
}
