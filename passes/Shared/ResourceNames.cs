namespace BiMamba.Passes.Shared;

/// <summary>Names of the resources that passes put beside a weight.</summary>
public static class ResourceNames
{
    /// <summary>The name without its last part: <c>layers.0.in_proj</c> of <c>layers.0.in_proj.latent</c>; a name of one part is its own prefix.</summary>
    public static string Prefix(string weight) => weight.LastIndexOf('.') is > 0 and var end ? weight[..end] : weight;
}
