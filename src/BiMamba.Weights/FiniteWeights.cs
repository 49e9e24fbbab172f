using System.Globalization;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.IR;
using BiMamba.Kernels;
using BiMamba.Tensors;

namespace BiMamba.Weights;

/// <summary>Finds floating-point numbers of a module that are none: NaN and infinities. What is stored as codes and signs has none.</summary>
public static class FiniteWeights
{
    private const int ChunkElements = 1 << 16;

    /// <summary>Index of the first element that is not finite as fp32, and its value; null where all are.</summary>
    /// <param name="tensor">A tensor of a floating-point type.</param>
    /// <param name="cancellation">Looked at between pieces.</param>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static (long Index, float Value)? Find(Tensor tensor, CancellationToken cancellation = default)
    {
        var values = new float[(int)Math.Min(ChunkElements, tensor.Shape.Count)];
        for (long first = 0; first < tensor.Shape.Count; first += ChunkElements)
        {
            cancellation.ThrowIfCancellationRequested();
            var piece = values.AsSpan(0, (int)Math.Min(ChunkElements, tensor.Shape.Count - first));
            tensor.ReadSingles(first, piece);
            if (NotFinite.IndexOf(piece) is >= 0 and var index)
                return (first + index, piece[index]);
        }

        return null;
    }

    /// <summary>
    /// True where every floating-point resource of a module is finite; otherwise an error of <see cref="PipelineDiagnostics.NotFinite"/>
    /// names each that is not, and its first element that is none.
    /// </summary>
    /// <param name="module">The module; resources without data are passed over.</param>
    /// <param name="file">The model as messages name it, or null.</param>
    /// <param name="parallel">Threads and cancellation.</param>
    /// <param name="diagnostics">Receives the errors, in the order of names.</param>
    /// <exception cref="OperationCanceledException">The work was cancelled.</exception>
    public static bool Check(Module module, string? file, ParallelOptions parallel, DiagnosticBag diagnostics)
    {
        var resources = module.Resources.Values.Where(resource => resource.Encoding.IsFloat() && resource.HasData).ToArray();
        var found = new (long Index, float Value)?[resources.Length];
        Parallel.For(0, resources.Length, parallel, i => found[i] = Find(resources[i].Data, parallel.CancellationToken));
        foreach (var (resource, broken) in resources.Zip(found))
        {
            if (broken is var (index, value))
                diagnostics.Add(PipelineDiagnostics.NotFinite, $"element {Coordinates(index, resource.Shape)}: expected a finite number, found {Text(value)}", new Place(file, resource.Name), "the model is damaged, or its training diverged");
        }

        return !found.Any(broken => broken is not null);
    }

    /// <summary>Coordinates of an element: <c>[3,17]</c>.</summary>
    /// <param name="index">Its index in row-major order.</param>
    /// <param name="shape">The shape.</param>
    public static string Coordinates(long index, Shape shape)
    {
        var coordinates = new long[shape.Rank];
        for (var d = shape.Rank - 1; d >= 0; d--)
            (index, coordinates[d]) = Math.DivRem(index, shape[d]);
        return "[" + string.Join(',', coordinates.Select(c => c.ToString(CultureInfo.InvariantCulture))) + "]";
    }

    /// <summary>A number that is none, as messages name it.</summary>
    public static string Text(float value) => float.IsNaN(value) ? "NaN" : float.IsNegative(value) ? "-infinity" : "infinity";
}
