using BiMamba.Kernels;

namespace BiMamba.Bisection.Running;

/// <summary>A value of a run, kept: f32 [tokens, width].</summary>
internal sealed class Activations
{
    private readonly float[] values;

    /// <summary>Zeros.</summary>
    public Activations(int tokens, int width)
    {
        Tokens = tokens;
        Width = width;
        values = new float[checked(tokens * width)];
    }

    /// <summary>Tokens.</summary>
    public int Tokens { get; }

    /// <summary>Features of a token.</summary>
    public int Width { get; }

    /// <summary>The features of one token.</summary>
    public Span<float> this[int token] => values.AsSpan(token * Width, Width);

    /// <summary>Copies rows to the tokens from an index.</summary>
    public void Set(int firstToken, Rows rows)
    {
        for (var t = 0; t < rows.Count; t++)
            rows[t].CopyTo(this[firstToken + t]);
    }

    /// <summary>The elements, row-major.</summary>
    public ReadOnlySpan<float> Values => values;
}
