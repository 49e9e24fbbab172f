namespace BiMamba.Toolchain.Generation;

/// <summary>Chooses the next token among the ids that text can have; rows that pad the head are never chosen.</summary>
internal sealed class Sampler(int vocabulary, double temperature, int? topK, int seed)
{
    private readonly Random random = new(seed);

    /// <summary>The likeliest id, or a draw from softmax(logits / temperature) over the top k.</summary>
    public int Next(ReadOnlySpan<float> logits)
    {
        logits = logits[..vocabulary];
        if (temperature == 0)
            return System.Numerics.Tensors.TensorPrimitives.IndexOfMax(logits);
        var values = logits.ToArray();
        var ids = Enumerable.Range(0, values.Length).OrderByDescending(id => values[id]).ThenBy(id => id).Take(topK ?? values.Length).ToArray();
        var weights = ids.Select(id => Math.Exp((values[id] - (double)values[ids[0]]) / temperature)).ToArray();
        var draw = random.NextDouble() * weights.Sum();
        for (var i = 0; i < ids.Length; i++)
        {
            draw -= weights[i];
            if (draw < 0)
                return ids[i];
        }

        return ids[^1];
    }
}
