using BiMamba.Tensors;

namespace BiMamba.Frontend;

/// <summary>How scale and shift of an FBI-Linear spread over its weight.</summary>
/// <param name="Word">The word of the attribute: column, row or single.</param>
/// <param name="Shape">The shape that the op table wants.</param>
internal sealed record FbiPattern(string Word, Shape Shape)
{
    /// <summary>
    /// The pattern of a scale or shift: [1, in] is column, [out, 1] is row, [1] is single. [1, 1] is read in the same
    /// order; where it fits several, they mean the same. Null if the shape is none of them.
    /// </summary>
    public static FbiPattern? Of(Shape weight, Shape vector) => (weight.Rank, vector.Rank) switch
    {
        (2, 2) when vector[0] == 1 && vector[1] == weight[1] => new("column", vector),
        (2, 2) when vector[0] == weight[0] && vector[1] == 1 => new("row", vector),
        (2, 2) when vector.Count == 1 => new("single", Shape.Of(1)),
        (2, 1) when vector.Count == 1 => new("single", vector),
        (2, 0) => new("single", Shape.Of(1)),
        _ => null,
    };

    /// <summary>The shapes that messages name.</summary>
    public static string Expected(Shape weight) => $"[1,{weight[1]}], [{weight[0]},1] or [1]";
}
