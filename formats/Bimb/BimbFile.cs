using BiMamba.Formats.Spec;
using BiMamba.IR;
using BiMamba.Tensors;

namespace BiMamba.Formats.Bimb;

/// <summary>An open file. Disposing it ends the life of every tensor.</summary>
public sealed class BimbFile : IDisposable
{
    internal BimbFile(FileMap map, SpecTree tree, IReadOnlyList<BimbTensor> rows, Module module)
    {
        Map = map;
        Tree = tree;
        Rows = rows;
        Tensors = rows.ToDictionary(tensor => tensor.Name, StringComparer.Ordinal);
        Module = module;
        Recipe = tree.Root.Text("recipe");
        var tokenizer = tree.Root.RecordAt("tokenizer");
        Tokenizer = new BimbTokenizer(BimbWords.TokenizerKind(tokenizer.Word("kind")), tokenizer.Bytes("content").ToArray());
    }

    /// <summary>The path as it was given.</summary>
    public string Path => Map.Path;

    /// <summary>The mapped file.</summary>
    public FileMap Map { get; }

    /// <summary>Every value before the data region, with its offset.</summary>
    public SpecTree Tree { get; }

    /// <summary>Tensors in the order of the file.</summary>
    public IReadOnlyList<BimbTensor> Rows { get; }

    /// <summary>Tensors by name.</summary>
    public IReadOnlyDictionary<string, BimbTensor> Tensors { get; }

    /// <summary>The module, verified; its resources are mapped tensors of this file.</summary>
    public Module Module { get; }

    /// <summary>How the file was made, as JSON.</summary>
    public string Recipe { get; }

    /// <summary>The tokenizer.</summary>
    public BimbTokenizer Tokenizer { get; }

    /// <inheritdoc/>
    public void Dispose() => Map.Dispose();
}
