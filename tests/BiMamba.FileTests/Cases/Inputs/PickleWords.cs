using System.Text;
using BiMamba.Testing.Building;

namespace BiMamba.FileTests.Cases.Inputs;

/// <summary>
/// The instructions of a pickle in words: the plain ones of <see cref="Plain"/>, <c>proto N</c>, <c>text "TEXT"</c>, <c>int N</c>,
/// <c>global MODULE NAME</c>, <c>put N</c>, <c>get N</c>, and those of torch.save: <c>storage TYPE KEY COUNT</c> and
/// <c>tensor TYPE KEY COUNT at OFFSET dims [..] strides [..]</c>.
/// </summary>
internal static class PickleWords
{
    private static readonly Dictionary<string, char> Plain = new(StringComparer.Ordinal)
    {
        ["mark"] = '(',
        ["stop"] = '.',
        ["none"] = 'N',
        ["true"] = '\x88',
        ["false"] = '\x89',
        ["dict"] = '}',
        ["list"] = ']',
        ["tuple"] = 't',
        ["empty-tuple"] = ')',
        ["tuple1"] = '\x85',
        ["tuple2"] = '\x86',
        ["tuple3"] = '\x87',
        ["setitem"] = 's',
        ["setitems"] = 'u',
        ["append"] = 'a',
        ["appends"] = 'e',
        ["persid"] = 'Q',
        ["reduce"] = 'R',
        ["build"] = 'b',
        ["pop"] = '0',
        ["pop-mark"] = '1',
        ["dup"] = '2',
    };

    /// <summary>Writes the instruction that a word begins, and takes its arguments.</summary>
    /// <returns>False where the word begins none.</returns>
    public static bool TryWrite(string word, ByteText source, List<byte> bytes)
    {
        if (Plain.TryGetValue(word, out var code))
            bytes.Add((byte)code);
        else if (Argued(word, source) is { } written)
            bytes.AddRange(written);
        else
            return false;
        return true;
    }

    private static IEnumerable<byte>? Argued(string word, ByteText source) => word switch
    {
        "proto" => [0x80, (byte)source.TakeInteger("a protocol")],
        "put" => [(byte)'q', (byte)source.TakeInteger("a memo")],
        "get" => [(byte)'h', (byte)source.TakeInteger("a memo")],
        "text" => Built(pickle => pickle.Text(source.TakeText("a text"))),
        "int" => Built(pickle => pickle.Integer(source.TakeInteger("a whole number"))),
        "global" => Built(pickle => pickle.Global(source.TakeText("a module"), source.TakeText("a name"))),
        "storage" => Built(pickle => pickle.Storage(source.TakeText("a storage type"), source.TakeText("a key"), source.TakeInteger("a count"))),
        "tensor" => Built(pickle => Tensor(pickle, source)),
        _ => null,
    };

    private static PickleBuilder Tensor(PickleBuilder pickle, ByteText source)
    {
        var (type, key, count) = (source.TakeText("a storage type"), source.TakeText("a key"), source.TakeInteger("a count"));
        Keyword(source, "at");
        var offset = source.TakeInteger("an offset");
        Keyword(source, "dims");
        var dims = source.TakeIntegers("a dimension");
        Keyword(source, "strides");
        return pickle.Tensor(type, key, count, offset, dims, source.TakeIntegers("a stride"));
    }

    private static void Keyword(ByteText source, string word)
    {
        if (source.Take($"'{word}'") is var found && found != word)
            throw source.Wrong($"'{word}'", found);
    }

    /// <summary>What a builder writes, without the protocol that it begins with and the last instruction.</summary>
    private static byte[] Built(Func<PickleBuilder, PickleBuilder> write) => write(new PickleBuilder()).Stop()[2..^1];
}
