namespace BiMamba.Passes.Shared.LowBit;

/// <summary>A weight that a pass rewrites.</summary>
/// <param name="Name">Name of its resource.</param>
/// <param name="Values">[rows, columns] f32, finite.</param>
/// <param name="Rows">Output features.</param>
/// <param name="Columns">Input features.</param>
public sealed record WeightMatrix(string Name, float[] Values, int Rows, int Columns);
