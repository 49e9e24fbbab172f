namespace BiMamba.Runtime;

/// <summary>Where a value of a block lies in the arena: element (t, j) at <c>Offset + t * Stride + j</c>.</summary>
/// <param name="Offset">First element.</param>
/// <param name="Width">Features of a token.</param>
/// <param name="Stride">Distance of neighbouring tokens.</param>
internal readonly record struct Slot(int Offset, int Width, int Stride);
