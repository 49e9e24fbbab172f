using System.Collections.Immutable;
using BiMamba.Diagnostics;
using BiMamba.IR;
using BiMamba.Runtime;
using BiMamba.Tensors;
using ValueType = BiMamba.IR.ValueType;

namespace BiMamba.Evaluation.Tests;

/// <summary>
/// A model whose logits can be written down: features are one-hot, two layers pass them on, and the head is a table, so
/// the logits of a token are a column of the table.
/// </summary>
internal sealed record ToyModel
{
    /// <summary>Head weight: row v holds the logit of token v after every token.</summary>
    public required float[][] Table { get; init; }

    /// <summary>True where a token sees the token before it instead of itself, and the first of a sequence sees nothing.</summary>
    public bool LooksBack { get; init; }

    /// <summary>Added to weight [0, 0] of the second layer, which is the identity.</summary>
    public float Perturbation { get; init; }

    public int Vocabulary => Table.Length;

    public ModelRunner Runner(int chunkTokens = 128) => new(Module(), new RuntimeOptions(1, chunkTokens));

    public Module Module()
    {
        var n = Vocabulary;
        var identity = Identity(n);
        var perturbed = (float[])identity.Clone();
        perturbed[0] += Perturbation;
        var resources = IR.Module.ResourceMap([
            new("embed", MemoryTensor.Of(identity, Shape.Of(n, n))),
            new("mix", MemoryTensor.Of(Convolution(n), Shape.Of(n, 1, 2))),
            new("second", MemoryTensor.Of(perturbed, Shape.Of(n, n))),
            new("head", MemoryTensor.Of([.. Table.SelectMany(row => row)], Shape.Of(n, n))),
        ]);
        var features = ValueType.Features(n);
        var module = new Module("toy", Level.Float, [], resources, [
            Block("embed", new Value("ids", new ValueType(ElementType.I32, ValueType.Tokens)), OpCode.Embedding, "ids"),
            Block("mix", new Value("x", features), OpCode.CausalConv1d, "x"),
            Block("second", new Value("x", features), OpCode.Linear, "x"),
            Block("head", new Value("x", features), OpCode.LmHead, "x"),
        ]);
        var bag = new DiagnosticBag();
        Assert.True(Verifier.Verify(module, "toy", bag), string.Join('\n', bag.Items));
        return module;

        Block Block(string name, Value parameter, OpCode code, string role)
        {
            var block = new BlockBuilder(name, parameter, resource => resources[resource]);
            return block.Return(block.Add("y", code, [(role, parameter.Name), ("weight", name)]));
        }
    }

    private static float[] Identity(int n)
    {
        var weight = new float[n * n];
        for (var i = 0; i < n; i++)
            weight[(i * n) + i] = 1;
        return weight;
    }

    private float[] Convolution(int n) => [.. Enumerable.Range(0, n).SelectMany(_ => LooksBack ? (float[])[1, 0] : [0, 1])];
}
