using System.Globalization;
using System.Text.Json;
using BiMamba.Formats.Bimb;
using BiMamba.IR;
using BiMamba.Toolchain.Recipes;

namespace BiMamba.Toolchain.Rebuilding;

/// <summary>A file beside what its recipe gives.</summary>
/// <param name="Tensors">Tensors of both, by name.</param>
/// <param name="Different">Those of them that differ, in the order of the file.</param>
/// <param name="ModuleLine">First line of the module's text that differs, in the file and as rebuilt; null where the modules are equal.</param>
/// <param name="IsTokenizerEqual">True where the stored tokenizers are equal.</param>
/// <param name="Recipe">What the recipes say differently: names of inputs and the version are no part of the model.</param>
/// <param name="IsRecipeEqual">True where the recipes have the same bytes.</param>
/// <param name="IsFileEqual">True where both files have the same bytes.</param>
internal sealed record RebuildComparison(
    int Tensors, IReadOnlyList<TensorDifference> Different, (string File, string Rebuilt)? ModuleLine, bool IsTokenizerEqual,
    IReadOnlyList<RecipeDifference> Recipe, bool IsRecipeEqual, bool IsFileEqual)
{
    /// <summary>True where both files hold the same model: all but the recipe.</summary>
    public bool IsModelEqual => Different.Count == 0 && ModuleLine is null && IsTokenizerEqual;

    /// <summary>Compares a file with what its recipe gives.</summary>
    /// <param name="file">The file, whose tensors have the hashes that it states.</param>
    /// <param name="module">The module that its recipe gives.</param>
    /// <param name="recipe">The recipe of that.</param>
    /// <param name="rebuilt">The digest of that.</param>
    public static RebuildComparison Of(BimbFile file, Module module, string recipe, BimbDigest rebuilt)
    {
        var found = BimbDigest.Of(file);
        var names = file.Rows.Concat(rebuilt.Rows).Select(row => row.Name).Distinct(StringComparer.Ordinal).ToArray();
        var byName = rebuilt.Rows.ToDictionary(row => row.Name, StringComparer.Ordinal);
        var different = names.Select(name => new TensorDifference(name, file.Tensors.GetValueOrDefault(name), byName.GetValueOrDefault(name))).Where(Differs).ToArray();
        return new RebuildComparison(
            names.Length, different, found.ModuleSha256 == rebuilt.ModuleSha256 ? null : FirstLine(file.Module, module), found.TokenizerSha256 == rebuilt.TokenizerSha256,
            Differences(file.Recipe, recipe), file.Recipe == recipe, found.Front.Span.SequenceEqual(rebuilt.Front.Span));
    }

    private static bool Differs(TensorDifference pair) =>
        pair.File is not { } file || pair.Rebuilt is not { } rebuilt || file.Encoding != rebuilt.Encoding || !file.Shape.Equals(rebuilt.Shape) || file.Sha256 != rebuilt.Sha256;

    /// <summary>The first line that differs. Modules can differ in bytes alone, as in indices of tensors that are not the same; their text is then one.</summary>
    private static (string File, string Rebuilt) FirstLine(Module file, Module rebuilt)
    {
        var (left, right) = (Lines(file), Lines(rebuilt));
        var first = 0;
        while (first < left.Length && first < right.Length && left[first] == right[first])
            first++;
        return (At(left, first), At(right, first));

        static string[] Lines(Module module) => IrPrinter.Print(module, withHashes: false).Split('\n');
        static string At(string[] lines, int line) => line < lines.Length ? lines[line].Trim() : "";
    }

    private static RecipeDifference[] Differences(string file, string rebuilt)
    {
        var (left, right) = (Values(file), Values(rebuilt));
        return [.. left.Keys.Union(right.Keys, StringComparer.Ordinal).Select(key => new RecipeDifference(key, left.GetValueOrDefault(key), right.GetValueOrDefault(key))).Where(pair => pair.File != pair.Rebuilt)];
    }

    private static Dictionary<string, string> Values(string recipe)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        Collect("", ForeignJson.Parse(recipe));
        return values;

        void Collect(string path, JsonElement element)
        {
            switch (element.ValueKind)
            {
                case JsonValueKind.Object:
                    foreach (var property in element.EnumerateObject())
                        Collect(path.Length == 0 ? property.Name : $"{path}.{property.Name}", property.Value);
                    break;
                case JsonValueKind.Array:
                    foreach (var (index, item) in element.EnumerateArray().Index())
                        Collect(string.Create(CultureInfo.InvariantCulture, $"{path}[{index}]"), item);
                    break;
                default:
                    values[path] = element.ToString();
                    break;
            }
        }
    }
}
