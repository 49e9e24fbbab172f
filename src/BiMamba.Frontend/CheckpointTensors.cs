using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Formats.Common;
using BiMamba.Frontend.Gguf;
using BiMamba.Tensors;

namespace BiMamba.Frontend;

/// <summary>A tensor of a checkpoint under the name and in the file that hold it.</summary>
/// <param name="Name">The name.</param>
/// <param name="Tensor">The tensor as the front end knows it.</param>
/// <param name="File">The file.</param>
/// <param name="Stored">The shape in the file, where that is another one.</param>
internal sealed record NamedTensor(string Name, Tensor Tensor, string File, Shape? Stored = null)
{
    /// <summary>The place that messages name.</summary>
    public Place Place => new(File, Printable.Name(Name));

    /// <summary>The shape.</summary>
    public Shape Shape => Tensor.Shape;

    /// <summary>The shape as messages name it, with that in the file.</summary>
    public string ShapeText => Stored is null ? Shape.ToString() : $"{Shape}, in the file {Stored}";
}

/// <summary>The tensors of a checkpoint by their role.</summary>
internal sealed class CheckpointTensors
{
    private const int NoLayer = -1;

    private readonly Dictionary<(string Handle, int Layer), NamedTensor> roles = [];
    private readonly SortedSet<int> layers = [];
    private readonly HashSet<string> handles = new(StringComparer.Ordinal);
    private readonly GgufNames? gguf;
    private string? prefix;

    private CheckpointTensors(GgufNames? gguf) => this.gguf = gguf;

    /// <summary>Tensors whose names no row of the table knows.</summary>
    public List<NamedTensor> Unknown { get; } = [];

    /// <summary>Numbers of the layers that have a tensor, ascending.</summary>
    public IReadOnlyCollection<int> Layers => layers;

    /// <summary>The spelling of the embedding's name, or null where there is none.</summary>
    public string? EmbeddingPattern { get; private set; }

    /// <summary>All tensors that have a role.</summary>
    public IEnumerable<NamedTensor> All => roles.Values;

    /// <summary>Sorts the tensors of an archive by role. Two tensors of one role are an error.</summary>
    /// <param name="archive">The tensors.</param>
    /// <param name="diagnostics">Receives errors.</param>
    /// <param name="gguf">The names of a GGUF file, or null for those of the other layouts.</param>
    public static CheckpointTensors Map(TensorArchive archive, DiagnosticBag diagnostics, GgufNames? gguf = null)
    {
        var result = new CheckpointTensors(gguf);
        foreach (var (name, entry) in archive.Tensors)
        {
            var tensor = new NamedTensor(name, entry.Tensor, entry.File);
            if ((gguf is null ? TensorNameMap.Find(name) : gguf.Find(name)) is { } mapped)
                result.Add(mapped, gguf is null ? tensor : Known(gguf, mapped, tensor), diagnostics);
            else
                result.Unknown.Add(tensor);
        }

        return result;
    }

    /// <summary>The tensor of a handle without a layer, or null.</summary>
    public NamedTensor? Find(string handle) => roles.GetValueOrDefault((handle, NoLayer));

    /// <summary>The tensor of a handle in a layer, or null.</summary>
    public NamedTensor? Find(string handle, int layer) => roles.GetValueOrDefault((handle, layer));

    /// <summary>The tensors of a handle in all layers that have it.</summary>
    public IEnumerable<NamedTensor> InLayers(string handle) =>
        layers.Select(layer => Find(handle, layer)).OfType<NamedTensor>();

    /// <summary>True if any layer has a tensor of the handle.</summary>
    public bool Any(string handle) => handles.Contains(handle);

    /// <summary>The name that an absent tensor would have in this checkpoint.</summary>
    public string NameOf(string handle, int? layer = null)
    {
        if (gguf is not null)
            return gguf.NameOf(handle, layer);
        var row = TensorNameMap.All.Last(row => row.Handle == handle);
        if (handle == Handles.Embedding && EmbeddingPattern is not null)
            row = TensorNameMap.All.First(candidate => candidate.Pattern == EmbeddingPattern);
        var before = prefix ?? "backbone.";
        // The head lies beside the backbone.
        if (handle == Handles.Head && before.EndsWith("backbone.", StringComparison.Ordinal))
            before = before[..^"backbone.".Length];
        return before + (layer is { } number ? TensorNameMap.Resource(row.Pattern, number) : row.Pattern);
    }

    private static NamedTensor Known(GgufNames gguf, MappedName mapped, NamedTensor tensor)
    {
        var known = gguf.Known(mapped.Row.Handle, tensor.Tensor);
        return tensor with { Tensor = known, Stored = known.Shape.Equals(tensor.Shape) ? null : tensor.Shape };
    }

    private void Add(MappedName mapped, NamedTensor tensor, DiagnosticBag diagnostics)
    {
        var key = (mapped.Row.Handle, mapped.Layer ?? NoLayer);
        if (!roles.TryAdd(key, tensor))
        {
            diagnostics.Add(FrontendDiagnostics.SameRole, $"expected one tensor of this role, found also '{roles[key].Name}'", tensor.Place, "keep one of them");
            return;
        }

        handles.Add(mapped.Row.Handle);
        if (mapped.Row.Handle == Handles.Embedding)
            EmbeddingPattern = mapped.Row.Pattern;
        if (mapped.Layer is { } layer)
            layers.Add(layer);
        if (mapped.Row.Handle != Handles.Head)
            prefix ??= mapped.Prefix;
    }
}
