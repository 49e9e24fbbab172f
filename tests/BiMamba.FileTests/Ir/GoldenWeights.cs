using BiMamba.Diagnostics;
using BiMamba.FileTests.Cases;
using BiMamba.IR;
using BiMamba.IR.Reading;
using BiMamba.Text;
using Sprache;

namespace BiMamba.FileTests.Ir;

/// <summary>
/// The weights that a golden file gives its module: <c>; weights: RECIPE</c> for all resources, and
/// <c>; weight: @name = RECIPE</c> for one.
/// </summary>
internal static class GoldenWeights
{
    /// <summary>Key of the recipe for all resources.</summary>
    public const string All = "weights";

    /// <summary>Key of the recipe for one resource.</summary>
    public const string One = "weight";

    /// <summary>The module with its weights, as it is where the file gives none; null where the bag got an error.</summary>
    /// <exception cref="CaseException">A recipe is malformed, or does not fit its resource.</exception>
    public static Module? Bind(GoldenInput input, IrText text, DiagnosticBag diagnostics)
    {
        var common = input.Directives.Find(All) is { } all ? (Recipe: Read(input, all, WeightRecipe.Grammar), Directive: all) : default;
        var own = input.Directives.Where(directive => directive.Key == One)
            .Select(directive => (Pair: Read(input, directive, WeightRecipe.Named), Directive: directive))
            .ToDictionary(row => row.Pair.Key, row => (Recipe: row.Pair.Value, row.Directive), StringComparer.Ordinal);
        foreach (var (name, (_, directive)) in own.Where(pair => !text.Module.Resources.ContainsKey(pair.Key)))
            throw input.Error(directive.Position, $"there is no resource @{name}");
        if (common.Recipe is null && own.Count == 0)
            return text.Module;
        return WeightBinder.Bind(text, declared => Make(input, declared, own.GetValueOrDefault(declared.Name, common)), "the golden file", diagnostics);
    }

    private static Resource? Make(GoldenInput input, Resource declared, (WeightRecipe? Recipe, TextDirective Directive) row)
    {
        if (row.Recipe is null)
            return null;
        if (row.Recipe.Numbers(declared) is { } numbers && WeightBytes.TryEncode(declared, Fit(declared.Encoding, row, numbers)) is { } made)
            return made;
        throw input.Error(row.Directive.Position, $"'{row.Directive.Value}' makes no numbers of {declared.TypeText}, the type of @{declared.Name}");
    }

    /// <summary>What is drawn for all resources is made to fit codes and signs; what a file says of one resource is taken as it is.</summary>
    private static double[] Fit(Encoding encoding, (WeightRecipe? Recipe, TextDirective Directive) row, double[] numbers)
    {
        if (row.Directive.Key == One)
            return numbers;
        return encoding switch
        {
            Encoding.I8 => [.. numbers.Select(number => Math.Clamp(Math.Round(40 * number), -127, 127))],
            Encoding.I4 => [.. numbers.Select(number => Math.Clamp(Math.Round(4 * number), -7, 7))],
            Encoding.Trit => [.. numbers.Select(number => (double)Math.Sign(number))],
            Encoding.Sign1 => [.. numbers.Select(number => number < 0 ? -1.0 : 1.0)],
            _ => numbers,
        };
    }

    private static T Read<T>(GoldenInput input, TextDirective directive, Parser<T> grammar)
    {
        var bag = new DiagnosticBag();
        return SyntaxParser.TryParse(new SourceText(directive.Key, directive.Value), grammar, bag, out var value)
            ? value
            : throw input.Error(directive.Position, bag.Items[0].Message.Split('\n')[0]);
    }
}
