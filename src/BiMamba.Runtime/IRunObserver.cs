using BiMamba.Kernels;

namespace BiMamba.Runtime;

/// <summary>Sees what a run computes, a chunk of tokens at a time.</summary>
public interface IRunObserver
{
    /// <summary>The result of a block.</summary>
    /// <param name="block">Index of the block in the module.</param>
    /// <param name="firstToken">Index of the chunk's first token in this run.</param>
    /// <param name="values">[tokens, width], valid during the call.</param>
    void OnBlock(int block, int firstToken, Rows values);
}
