using BiMamba.Tensors;

namespace BiMamba.IR;

/// <summary>
/// A named weight: bulk data outside the IR text. For a plain encoding the data tensor has the resource's shape; for a
/// packed one it is the raw bytes, u8.
/// </summary>
public sealed class Resource
{
    /// <summary>Digits of a content hash that IR text shows.</summary>
    public const int HashDigits = 6;

    private readonly Lazy<string> hash;

    /// <summary>A resource over data whose size fits its encoding and shape.</summary>
    /// <param name="name">Unique in its module, without the sigil.</param>
    /// <param name="encoding">How the elements are stored.</param>
    /// <param name="shape">Logical shape.</param>
    /// <param name="data">The bytes.</param>
    /// <param name="sha256">Lower-case hexadecimal SHA-256 of the bytes if it is known, or null to compute it when asked.</param>
    public Resource(string name, Encoding encoding, Shape shape, Tensor data, string? sha256 = null)
    {
        var expected = encoding.ByteLength(shape);
        if (data.ByteLength != expected)
            throw new ArgumentException($"{name}: {encoding.Name()}{shape} has {expected} bytes, found {data.ByteLength}", nameof(data));
        Name = name;
        Encoding = encoding;
        Shape = shape;
        Data = data;
        hash = sha256 is null ? new Lazy<string>(() => TensorHash.Sha256(Data)) : new Lazy<string>(sha256);
    }

    /// <summary>A resource in a plain encoding.</summary>
    public Resource(string name, Tensor data)
        : this(name, Encodings.Of(data.Type), data.Shape, data)
    {
    }

    /// <summary>A resource of IR text without its weights: name, type and, where the text has it, the short content hash.</summary>
    /// <param name="name">Unique in its module, without the sigil.</param>
    /// <param name="encoding">How the elements are stored.</param>
    /// <param name="shape">Logical shape, of a size that fits 63 bits.</param>
    /// <param name="shortHash">The first <see cref="HashDigits"/> digits of the SHA-256, or null.</param>
    public static Resource Declared(string name, Encoding encoding, Shape shape, string? shortHash) =>
        new(name, encoding, shape, AbsentTensor.Of(encoding, shape), shortHash ?? "");

    /// <summary>The name, without the sigil.</summary>
    public string Name { get; }

    /// <summary>How the elements are stored.</summary>
    public Encoding Encoding { get; }

    /// <summary>Logical shape.</summary>
    public Shape Shape { get; }

    /// <summary>Weights of the model that it stands for: elements, but one for all bits of a code.</summary>
    public long WeightCount => Encoding == Encoding.Bits1 ? Shape[1] * Shape[2] : Shape.Count;

    /// <summary>The bytes.</summary>
    public Tensor Data { get; }

    /// <summary>True where the weights are here; false for a resource of IR text alone.</summary>
    public bool HasData => Data is not AbsentTensor;

    /// <summary>Lower-case hexadecimal SHA-256 of the bytes; reads all of them the first time where it is not known.</summary>
    /// <exception cref="InvalidOperationException">There are no weights.</exception>
    public string Sha256 => HasData ? hash.Value : throw new InvalidOperationException($"@{Name} has no weights");

    /// <summary>The first digits of the SHA-256, as IR text shows them; null where neither the weights nor a text tell them.</summary>
    public string? ShortHash => hash.Value.Length < HashDigits ? null : hash.Value[..HashDigits];

    /// <summary>The type as text: <c>sign1[6448,1536]</c>.</summary>
    public string TypeText => Encoding.Name() + Shape;

    /// <summary>The same data under another name.</summary>
    public Resource Renamed(string name) => new(name, Encoding, Shape, Data, hash.IsValueCreated ? hash.Value : null);
}
