using BiMamba.IR;
using BiMamba.Tensors;

namespace BiMamba.Passes.Shared;

/// <summary>
/// The values that the weights of one column (or row) of an FBI-Linear take: W = step * S + middle, and
/// middle + zero_shift where the sign is 0.
/// </summary>
/// <param name="Step">Half the distance of the two levels, with the sign of the scale.</param>
/// <param name="Middle">Mean of the two levels.</param>
/// <param name="ZeroShift">What an exact zero of the latent adds to the middle.</param>
public sealed record FbiLevels(float[] Step, float[] Middle, float[] ZeroShift)
{
    /// <summary>
    /// Levels of an FBI-Linear's scale and shift vectors.
    /// </summary>
    /// <param name="scale">Scale, as floats.</param>
    /// <param name="shift">Shift, as floats.</param>
    /// <param name="official">True for the fp16 levels that the official evaluation multiplies by: scale and shift
    /// rounded to fp16, levels fp16(shift - scale) and fp16(shift + scale), an exact zero at fp16(shift).</param>
    public static FbiLevels Of(float[] scale, float[] shift, bool official)
    {
        if (!official)
            return new FbiLevels(scale, shift, new float[scale.Length]);
        var levels = new FbiLevels(new float[scale.Length], new float[scale.Length], new float[scale.Length]);
        for (var i = 0; i < scale.Length; i++)
        {
            var (a, b) = ((Half)scale[i], (Half)shift[i]);
            var (low, high) = ((float)(b - a), (float)(b + a));
            levels.Step[i] = (high - low) / 2;
            levels.Middle[i] = (high + low) / 2;
            levels.ZeroShift[i] = (float)b - levels.Middle[i];
        }

        return levels;
    }

    /// <summary>Levels of the scale and shift of an <c>fbi_linear</c>, one a column, row or, for a single scale, one a column alike.</summary>
    public static FbiLevels Of(Op op, Module module)
    {
        var scale = module.Resources[op.Get("scale")].Data.ToSingles();
        var shift = module.Resources[op.Get("shift")].Data.ToSingles();
        if (op.Word(Attributes.Pattern) == "single")
        {
            var columns = checked((int)module.Resources[op.Get("latent")].Shape[1]);
            scale = [.. Enumerable.Repeat(scale[0], columns)];
            shift = [.. Enumerable.Repeat(shift[0], columns)];
        }

        return Of(scale, shift, op.Word(Attributes.Fidelity) == "official-fp16");
    }
}
