using BiMamba.Formats.Bimb;
using BiMamba.Toolchain.Recipes;

namespace BiMamba.Toolchain.Rebuilding;

/// <summary>What making a file again gave.</summary>
/// <param name="File">The file whose recipe was followed.</param>
/// <param name="Recipe">Its recipe.</param>
/// <param name="Written">Path and bytes of the file that was written, or null.</param>
/// <param name="Comparison">The comparison of the file with what its recipe gives, or null where none was asked for.</param>
internal sealed record RebuildResult(string File, RecipeJson Recipe, (string Path, long Bytes)? Written, RebuildComparison? Comparison);

/// <summary>A tensor of two files that is not the same in both; null where a file has none of the name.</summary>
/// <param name="Name">Its name.</param>
/// <param name="File">In the file.</param>
/// <param name="Rebuilt">As the recipe gives it.</param>
internal sealed record TensorDifference(string Name, BimbTensor? File, BimbTensor? Rebuilt)
{
    /// <summary>Encoding and shape; null for no tensor.</summary>
    public static string? TypeOf(BimbTensor? tensor) => tensor?.ToResource().TypeText;
}

/// <summary>A value of two recipes that is not the same in both; null where a recipe has none of the name.</summary>
/// <param name="Field">Path of the value, such as <c>sources[0].name</c>.</param>
/// <param name="File">In the file.</param>
/// <param name="Rebuilt">As the same command writes it today.</param>
internal sealed record RecipeDifference(string Field, string? File, string? Rebuilt);
