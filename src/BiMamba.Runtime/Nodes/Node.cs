namespace BiMamba.Runtime.Nodes;

/// <summary>An op made ready to run: weights prepared, values resolved to slots.</summary>
internal abstract class Node
{
    /// <summary>Computes the results for all tokens of the frame.</summary>
    public abstract void Run(Frame frame);
}
