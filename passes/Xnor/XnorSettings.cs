using BiMamba.Passes.Shared.Coding;

namespace BiMamba.Passes.Xnor;

/// <summary>What happens to the mean of the weights that share a scale.</summary>
public enum XnorCenter
{
    /// <summary>Nothing: W ~ mean|W| sign(W), as in the paper of XNOR-Net.</summary>
    None,

    /// <summary>It is taken off and not added back: W ~ mean|W - mean| sign(W - mean), as in FBI-LLM's <c>XnorBinaryLinear</c>.</summary>
    Subtract,

    /// <summary>
    /// It is kept beside the signs of the weight itself: W ~ mean|W - mean| sign(W) + mean, as FBI-LLM begins training
    /// (<c>BinaryLinearWscales</c>).
    /// </summary>
    Restore,
}

/// <summary>Settings of the binarization with plain scales (XNOR-Net, arXiv 1603.05279).</summary>
/// <param name="Scale">The weights that share a scale.</param>
/// <param name="Center">What happens to their mean.</param>
public sealed record XnorSettings(ScaleAxis Scale = ScaleAxis.Row, XnorCenter Center = XnorCenter.None);
