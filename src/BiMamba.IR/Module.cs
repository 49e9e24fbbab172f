using System.Collections.Immutable;
using BiMamba.Tensors;

namespace BiMamba.IR;

/// <summary>A model: blocks that run one after the other, each on the result of the one before, and the weights that they name.</summary>
/// <param name="Name">Name of the module.</param>
/// <param name="Level">How far it is lowered.</param>
/// <param name="Attributes">Facts about the model, in the order in which they are printed.</param>
/// <param name="Resources">Weights by name, in ordinal order.</param>
/// <param name="Blocks">Blocks in order of execution; the first takes token ids, the last returns logits.</param>
public sealed record Module(
    string Name,
    Level Level,
    ImmutableArray<KeyValuePair<string, AttributeValue>> Attributes,
    ImmutableSortedDictionary<string, Resource> Resources,
    ImmutableArray<Block> Blocks)
{
    /// <summary>A dictionary of resources in ordinal order.</summary>
    public static ImmutableSortedDictionary<string, Resource> ResourceMap(IEnumerable<Resource> resources) =>
        resources.ToImmutableSortedDictionary(resource => resource.Name, resource => resource, StringComparer.Ordinal);

    /// <summary>An integer attribute of the module, or null.</summary>
    public long? FindInt(string name) =>
        Attributes.FirstOrDefault(pair => pair.Key == name).Value is AttributeValue.Int value ? value.Value : null;

    /// <summary>A word attribute of the module, or null.</summary>
    public string? FindWord(string name) =>
        Attributes.FirstOrDefault(pair => pair.Key == name).Value is AttributeValue.Word value ? value.Value : null;

    /// <summary>The mapped files from which weights are read, each once.</summary>
    public IEnumerable<FileMap> Files => Resources.Values.SelectMany(resource => resource.Data.Files).Distinct();

    /// <summary>Rows of the head: ids and logits run from 0 to this, padding rows included.</summary>
    public int VocabularyRows => checked((int)Blocks[^1].ReturnType.Width);

    /// <summary>How often ops name a resource.</summary>
    public int Uses(string resource) =>
        Blocks.Sum(block => block.Body.Sum(op => op.Operands.Count(operand => operand.IsResource && operand.Name == resource)));

    /// <summary>A copy without the resources that no op names.</summary>
    public Module WithoutUnusedResources()
    {
        var used = Blocks.SelectMany(block => block.Body).SelectMany(op => op.Operands)
            .Where(operand => operand.IsResource).Select(operand => operand.Name).ToHashSet(StringComparer.Ordinal);
        return this with { Resources = ResourceMap(Resources.Values.Where(resource => used.Contains(resource.Name))) };
    }
}
