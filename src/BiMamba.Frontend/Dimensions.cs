namespace BiMamba.Frontend;

/// <summary>The supported families of blocks, told from tensor names.</summary>
internal enum BlockFamily
{
    /// <summary>Mamba-1: selective scan, x_proj and dt_proj.</summary>
    Mamba1,

    /// <summary>Mamba-2: state-space duality, heads, gated norm.</summary>
    Mamba2,
}

/// <summary>
/// The sizes of a model, each from the shapes of the tensors that hold it, by majority over the layers; null where no
/// tensor tells it.
/// </summary>
internal sealed record Dimensions
{
    /// <summary>Stored rows of the vocabulary.</summary>
    public long? Rows { get; private init; }

    /// <summary>Features of a token.</summary>
    public long? Model { get; private init; }

    /// <summary>Features inside a block.</summary>
    public long? Inner { get; private init; }

    /// <summary>Channels of the convolution.</summary>
    public long? Conv { get; private init; }

    /// <summary>Taps of the convolution.</summary>
    public long? ConvWidth { get; private init; }

    /// <summary>Heads of Mamba-2.</summary>
    public long? Heads { get; private init; }

    /// <summary>Groups of Mamba-2; no tensor tells them.</summary>
    public long Groups { get; private init; } = 1;

    /// <summary>State of a channel or head.</summary>
    public long? State { get; private init; }

    /// <summary>Rank of the time step of Mamba-1.</summary>
    public long? Rank { get; private init; }

    /// <summary>Features of a head of Mamba-2.</summary>
    public long? HeadWidth => Inner / Heads;

    /// <summary>Rows of the input projection.</summary>
    public long? InProjRows(BlockFamily family) => family == BlockFamily.Mamba1 ? 2 * Inner : Inner + Conv + Heads;

    /// <summary>Reads the sizes.</summary>
    public static Dimensions Of(CheckpointTensors tensors, BlockFamily family, long groups)
    {
        var embedding = tensors.Find(Handles.Embedding) is { Shape.Rank: 2 } matrix ? matrix.Shape : null;
        var common = new Dimensions
        {
            Rows = embedding?[0],
            Model = embedding?[1] ?? Vote(tensors, (Handles.Norm, 1, 0), (Handles.InProj + Handles.Weight, 2, 1)),
            Groups = groups,
            ConvWidth = Vote(tensors, (Handles.ConvWeight, 3, 2)),
        };
        return family == BlockFamily.Mamba1 ? common.WithMamba1(tensors) : common.WithMamba2(tensors);
    }

    private Dimensions WithMamba1(CheckpointTensors tensors)
    {
        var inner = Vote(tensors, (Handles.OutProj + Handles.Weight, 2, 1), (Handles.ALog, 2, 0), (Handles.DtProjWeight, 2, 0));
        return this with
        {
            Inner = inner,
            Conv = inner,
            State = Vote(tensors, (Handles.ALog, 2, 1)),
            Rank = Vote(tensors, (Handles.DtProjWeight, 2, 1)),
        };
    }

    private Dimensions WithMamba2(CheckpointTensors tensors)
    {
        var inner = Vote(tensors, (Handles.GateNorm, 1, 0), (Handles.OutProj + Handles.Weight, 2, 1));
        var conv = Vote(tensors, (Handles.ConvWeight, 3, 0), (Handles.ConvBias, 1, 0));
        return this with
        {
            Inner = inner,
            Conv = conv,
            Heads = Vote(tensors, (Handles.DtBias, 1, 0), (Handles.ALog, 1, 0)),
            State = (conv - inner) / 2 / Groups,
        };
    }

    /// <summary>The most frequent size of a dimension among tensors of the right rank; the first seen where two are equally frequent.</summary>
    private static long? Vote(CheckpointTensors tensors, params ReadOnlySpan<(string Handle, int Rank, int Dimension)> sources)
    {
        var counts = new Dictionary<long, int>();
        var order = new List<long>();
        foreach (var (handle, rank, dimension) in sources)
        {
            foreach (var tensor in tensors.InLayers(handle).Where(tensor => tensor.Shape.Rank == rank))
            {
                var size = tensor.Shape[dimension];
                counts[size] = counts.GetValueOrDefault(size) + 1;
                if (counts[size] == 1)
                    order.Add(size);
            }
        }

        return order.Count == 0 ? null : order.MaxBy(size => counts[size]);
    }
}
