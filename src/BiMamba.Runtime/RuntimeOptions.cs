namespace BiMamba.Runtime;

/// <summary>How a model is run.</summary>
/// <param name="Threads">Threads; results do not depend on it.</param>
/// <param name="ChunkTokens">Tokens that go through a layer at once; results do not depend on it.</param>
public sealed record RuntimeOptions(int Threads, int ChunkTokens = 128)
{
    /// <summary>All cores.</summary>
    public static RuntimeOptions Default { get; } = new(Environment.ProcessorCount);
}
