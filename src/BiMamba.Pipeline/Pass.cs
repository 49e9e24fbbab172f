using BiMamba.IR;

namespace BiMamba.Pipeline;

/// <summary>A rewrite of a module. Keeps no state between runs.</summary>
public abstract class Pass
{
    /// <summary>The descriptor.</summary>
    public abstract PassInfo Info { get; }

    /// <summary>Why options that fit one by one do not do, or null where they do; asked when a pipeline is read.</summary>
    public virtual string? Reject(PassOptions options) => null;

    /// <summary>
    /// The rewritten module, or null where the context's bag got an error. The input is at a level that the descriptor
    /// takes and has passed the verifier; the result is verified by the caller.
    /// </summary>
    public abstract Module? Run(Module module, PassOptions options, PassContext context);
}
