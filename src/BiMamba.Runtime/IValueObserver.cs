using BiMamba.Kernels;

namespace BiMamba.Runtime;

/// <summary>An observer that also sees the values inside blocks.</summary>
public interface IValueObserver : IRunObserver
{
    /// <summary>True for a block whose values are wanted.</summary>
    /// <param name="block">Index of the block in the module.</param>
    bool Wants(int block);

    /// <summary>A value of a block, its parameter included where it is features. Called before <see cref="IRunObserver.OnBlock"/>, in the order of definition.</summary>
    /// <param name="block">Index of the block in the module.</param>
    /// <param name="name">Name of the value, without the sigil.</param>
    /// <param name="firstToken">Index of the chunk's first token in this run.</param>
    /// <param name="values">[tokens, width], at any stride; valid during the call.</param>
    void OnValue(int block, string name, int firstToken, Rows values);
}
