using System.Collections.Immutable;

namespace BiMamba.IR;

/// <summary>Builds the ops of one block: fills defaults of the op table, infers result types and orders operands.</summary>
public sealed class BlockBuilder
{
    private readonly string name;
    private readonly Value parameter;
    private readonly List<Op> body = [];
    private readonly Dictionary<string, ValueType> types = new(StringComparer.Ordinal);
    private readonly Func<string, Resource> resources;

    /// <summary>Starts a block.</summary>
    /// <param name="name">Name of the block, without the sigil.</param>
    /// <param name="parameter">Its parameter.</param>
    /// <param name="resources">The resource of a name.</param>
    public BlockBuilder(string name, Value parameter, Func<string, Resource> resources)
    {
        this.name = name;
        this.parameter = parameter;
        this.resources = resources;
        types.Add(parameter.Name, parameter.Type);
    }

    /// <summary>The name of the parameter.</summary>
    public string Parameter => parameter.Name;

    /// <summary>
    /// Appends an op with one result and returns the result's name.
    /// </summary>
    /// <param name="result">Name of the result.</param>
    /// <param name="code">The op.</param>
    /// <param name="operands">Role and name pairs; a null name leaves an optional role out.</param>
    /// <param name="attributes">Attributes that have no default or differ from it.</param>
    public string Add(string result, OpCode code, ReadOnlySpan<(string Role, string? Name)> operands, params ReadOnlySpan<(AttributeInfo Key, AttributeValue Value)> attributes)
    {
        AddMany([result], code, operands, attributes);
        return result;
    }

    /// <summary>Appends an op with several results.</summary>
    public void AddMany(ReadOnlySpan<string> results, OpCode code, ReadOnlySpan<(string Role, string? Name)> operands, params ReadOnlySpan<(AttributeInfo Key, AttributeValue Value)> attributes)
    {
        var info = Ops.All[(int)code];
        var given = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (role, operand) in operands)
        {
            if (operand is not null)
                given.Add(role, operand);
        }

        var values = ImmutableDictionary.CreateBuilder<string, AttributeValue>(StringComparer.Ordinal);
        foreach (var attribute in info.Attributes)
        {
            if (attribute.Default is { } fallback)
                values[attribute.Info.Name] = fallback;
        }

        foreach (var (key, value) in attributes)
            values[key.Name] = value;
        var op = new Op(
            code,
            [],
            [.. info.Operands.Where(role => given.ContainsKey(role.Name)).Select(role => new Operand(role.Name, given[role.Name], role.IsResource))],
            values.ToImmutable());
        var problems = new List<OpProblem>();
        var inferred = OpTyping.Infer(op, value => types.GetValueOrDefault(value), resource => resources(resource), problems);
        if (inferred.IsDefault || problems.Count > 0)
            throw new InvalidOperationException($"@{name}: {info.Name}: {string.Join("; ", problems.Select(problem => problem.Message))}");
        var defined = ImmutableArray.CreateBuilder<Value>();
        for (var i = 0; i < results.Length; i++)
        {
            types.Add(results[i], inferred[i]);
            defined.Add(new Value(results[i], inferred[i]));
        }

        body.Add(op with { Results = defined.ToImmutable() });
    }

    /// <summary>The finished block.</summary>
    public Block Return(string value) => new(name, parameter, [.. body], value);
}
