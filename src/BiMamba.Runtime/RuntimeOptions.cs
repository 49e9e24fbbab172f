namespace BiMamba.Runtime;

/// <summary>How a model is run.</summary>
/// <param name="Threads">Threads; results do not depend on it.</param>
/// <param name="ChunkTokens">Tokens that go through a layer at once; results do not depend on it.</param>
/// <param name="Engine">The kernels.</param>
/// <param name="StateType">The element type of the states of scans.</param>
public sealed record RuntimeOptions(int Threads, int ChunkTokens = 192, Engine Engine = Engine.Fast, StateType StateType = StateType.F32)
{
    /// <summary>All cores.</summary>
    public static RuntimeOptions Default { get; } = new(Environment.ProcessorCount);

    /// <summary>All cores, the reference engine.</summary>
    public static RuntimeOptions Reference { get; } = Default with { Engine = Engine.Reference };
}
