namespace BiMamba.Toolchain;

/// <summary>An <see cref="IProgress{T}"/> that reports where it is called, without a synchronization context.</summary>
internal sealed class DirectProgress<T>(Action<T> report) : IProgress<T>
{
    /// <inheritdoc/>
    public void Report(T value) => report(value);
}
