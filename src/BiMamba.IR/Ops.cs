using System.Collections.Immutable;
using static BiMamba.IR.Attributes;

namespace BiMamba.IR;

/// <summary>The op table: every op once, with its roles, attributes, levels and mathematics.</summary>
public static class Ops
{
    private static readonly ImmutableArray<Level> Everywhere = [Level.Float, Level.Fbi, Level.Quant, Level.Packed];

    /// <summary>All rows, in the order of the enumeration.</summary>
    public static ImmutableArray<OpInfo> All { get; } =
    [
        new(OpCode.Embedding, "embedding", "Rows of the embedding, one a token.", "y_t = W[id_t]", Everywhere,
            [Input("ids", "i32[T]"), Weight("weight", "[vocab, d_model]"), Optional("scale", "bf16[vocab, ceil(d_model / group)], for integer codes")],
            [new(ScaleGroup, new AttributeValue.Int(0))]),
        new(OpCode.RmsNorm, "rms_norm", "Root mean square norm of every token.", "y_j = x_j / sqrt(mean(x^2) + eps) * w_j", Everywhere,
            [Input("x", "f32[T,n]"), Optional("weight", "[n]; ones where absent")],
            [new(Eps)]),
        new(OpCode.Linear, "linear", "Dense linear.", "y_i = sum_j W_ij x_j + bias_i", Everywhere,
            [Input("x", "f32[T,k]"), Weight("weight", "[n,k]"), Optional("bias", "[n]")],
            []),
        new(OpCode.FbiLinear, "fbi_linear", "FBI-Linear with its latent weight.", "y_i = sum_j (scale * sign(latent_ij) + shift) x_j + bias_i, sign(0) = 0; scale and shift by column, row or single (arXiv 2411.11843)", [Level.Fbi],
            [Input("x", "f32[T,k]"), Weight("latent", "[n,k]"), Weight("scale", "[1,k], [n,1] or [1]"), Weight("shift", "as scale"), Optional("bias", "[n]")],
            [new(Pattern), new(Fidelity, new AttributeValue.Word("latent"))]),
        new(OpCode.SignLinear, "sign_linear", "Linear with a plane of signs.",
            "y_i = row_scale_i * sum_j S_ij column_scale_j x_j + sum_j column_shift_j x_j + row_shift_i * sum_j x_j + sum_(j: S_ij = 0) zero_shift_j x_j + bias_i, S in {-1, 0, +1}", [Level.Quant, Level.Packed],
            [
                Input("x", "f32[T,k]"), Weight("sign", "[n,k]: trit, or sign1 at level packed"),
                Optional("column_scale", "[k]"), Optional("column_shift", "[k]"), Optional("row_scale", "[n]"), Optional("row_shift", "[n]"),
                Optional("zeros", "u32[count], sorted row * k + column, or mask1[n,k]; only at level packed"),
                Optional("zero_shift", "[k]"), Optional("bias", "[n]"),
            ],
            []),
        new(OpCode.CodeLinear, "code_linear", "Linear with integer codes.",
            "y_i = sum_p scale_ig (code_ip - zero_ig) x_order(p) + bias_i, g the group of position p, zero = 2^(bits - 1) and order(p) = p where absent", [Level.Quant, Level.Packed],
            [
                Input("x", "f32[T,k]"), Weight("codes", "u8[n,k], or bits1[bits,n,k] at level packed"), Weight("scale", "f32[n, groups] or [1, groups]"),
                Optional("zero", "u8, as scale"), Optional("order", "u32[k], a permutation: the column of each position"), Optional("bias", "[n]"),
            ],
            [new(CodeBits), new(CodeGroup, new AttributeValue.Int(0))]),
        new(OpCode.BraqLinear, "braq_linear", "Linear with the sign planes of BiLLM.",
            "y_i = sum_j w_ij x_j + bias_i; w = S scale_low + mean_low where R = -1, S scale_high + mean_high where R = +1; in salient columns S scale_first + R scale_second + mean_salient (arXiv 2402.04291)", [Level.Quant, Level.Packed],
            [
                Input("x", "f32[T,k]"), Weight("sign", "S, [n,k]: trit, or sign1 at level packed"), Weight("region", "R, as sign"),
                Weight("salient", "u32[ceil(k / 32)], bit j % 32 of word j / 32 is 1 where column j is salient"),
                Weight("scale", "f16[n, blocks, 4]: low, high, first and second order of salient columns"), Weight("mean", "f16[n, blocks, 3]: low, high, salient"),
                Optional("zeros", "u32[count], sorted row * k + column where S is 0; only at level packed"), Optional("region_zeros", "as zeros, where R is 0"), Optional("bias", "[n]"),
            ],
            [new(BraqBlock)]),
        new(OpCode.Split, "split", "Cuts features into parts.", "parts of the last dimension, in order", Everywhere,
            [Input("x", "f32[T,sum of sizes]")],
            [new(Sizes)]),
        new(OpCode.Concat, "concat", "Features of two values side by side.", "those of a, then those of b", Everywhere,
            [Input("a", "f32[T,m]"), Input("b", "f32[T,n]")],
            []),
        new(OpCode.CausalConv1d, "causal_conv1d", "Depthwise causal convolution over the tokens.", "y_tc = act(bias_c + sum_k W_ck x_(t-width+1+k)c)", Everywhere,
            [Input("x", "f32[T,c]"), Weight("weight", "[c,1,width]"), Optional("bias", "[c]")],
            [new(Activation, new AttributeValue.Word("none"))]),
        new(OpCode.SsdScan, "ssd_scan", "The state-space scan of Mamba-2.", "dt = clamp(softplus(dt + dt_bias), dt_min, dt_max); h = h exp(-dt exp(a_log)) + dt x B; y = h C + d x (arXiv 2405.21060)", Everywhere,
            [
                Input("x", "f32[T,heads * p]"), Input("dt", "f32[T,heads]"), Input("b", "f32[T,groups * n]"), Input("c", "f32[T,groups * n]"),
                Weight("a_log", "[heads]"), Weight("d", "[heads] or [heads * p]"), Optional("dt_bias", "[heads]"),
            ],
            [new(Heads), new(Groups), new(DtMin, new AttributeValue.Float(0)), new(DtMax, new AttributeValue.Float(double.PositiveInfinity))]),
        new(OpCode.SelectiveScan, "selective_scan", "The selective scan of Mamba-1, with its gate.", "dt = softplus(dt + dt_bias); h = h exp(-dt exp(a_log)) + dt x B; y = (h C + d x) silu(z) (arXiv 2312.00752)", Everywhere,
            [
                Input("x", "f32[T,c]"), Input("dt", "f32[T,c]"), Input("b", "f32[T,n]"), Input("c", "f32[T,n]"), Input("z", "f32[T,c]"),
                Weight("a_log", "[c,n]"), Weight("d", "[c]"), Optional("dt_bias", "[c]"),
            ],
            []),
        new(OpCode.GatedRmsNorm, "gated_rms_norm", "Root mean square norm with a SiLU gate.", "norm(x silu(z)) * w, or norm(x) * w * silu(z) where norm_before_gate", Everywhere,
            [Input("x", "f32[T,n]"), Input("z", "f32[T,n]"), Weight("weight", "[n]")],
            [new(Eps), new(NormGroupSize), new(NormBeforeGate, new AttributeValue.Bool(false))]),
        new(OpCode.Silu, "silu", "x * sigmoid(x).", "y_j = x_j / (1 + exp(-x_j))", Everywhere,
            [Input("x", "f32[T,n]")],
            []),
        new(OpCode.Add, "add", "Sum of two values.", "y_j = a_j + b_j", Everywhere,
            [Input("a", "f32[T,n]"), Input("b", "f32[T,n]")],
            []),
        new(OpCode.LmHead, "lm_head", "Logits over every stored row.", "y_i = sum_j W_ij x_j + bias_i", Everywhere,
            [Input("x", "f32[T,d_model]"), Weight("weight", "[vocab, d_model]"), Optional("scale", "bf16[vocab, ceil(d_model / group)], for integer codes"), Optional("bias", "[vocab]")],
            [new(ScaleGroup, new AttributeValue.Int(0))]),
        new(OpCode.Scale, "scale", "Product with a vector, feature by feature.", "y_j = x_j * w_j", Everywhere,
            [Input("x", "f32[T,n]"), Weight("weight", "[n]")],
            []),
    ];

    /// <summary>The row of a mnemonic, or null.</summary>
    public static OpInfo? Find(string name) => All.FirstOrDefault(op => op.Name == name);

    private static OperandInfo Input(string name, string summary) => new(name, false, true, summary);

    private static OperandInfo Weight(string name, string summary) => new(name, true, true, summary);

    private static OperandInfo Optional(string name, string summary) => new(name, true, false, summary);
}
