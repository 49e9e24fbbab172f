using System.Text;
using BiMamba.Diagnostics;
using BiMamba.Evaluation;
using BiMamba.Evaluation.Tasks;
using BiMamba.Fuzz.Tests.Harness;
using BiMamba.Fuzz.Tests.Mutation;
using BiMamba.Testing;
using BiMamba.Tokenizers;

namespace BiMamba.Fuzz.Tests.Targets;

/// <summary>Lines of JSON: questions of a task in the first byte, or documents of a corpus.</summary>
internal sealed class JsonLinesTarget : FuzzTarget
{
    private readonly (byte Task, JsonTree Line)[] lines =
    [
        .. TaskTable.All.SelectMany((task, i) => File.ReadLines(Repository.Golden("text", "tasks", task.Name + ".jsonl")).Take(2).Select(line => ((byte)('a' + i), JsonTree.Parse(Encoding.UTF8.GetBytes(line))))),
        ((byte)'z', JsonTree.Parse("""{"text":"a b é","page":"p","sentence":"s","content":"c"}"""u8.ToArray())),
    ];

    private readonly Tokenizer tokenizer = new BytesTokenizer();

    /// <inheritdoc/>
    public override string Name => "json-lines";

    /// <inheritdoc/>
    public override string Extension => ".jsonl";

    /// <inheritdoc/>
    public override IReadOnlyList<byte[]> Seeds => [.. lines.Select(line => (byte[])[line.Task, .. line.Line.ToBytes()])];

    /// <inheritdoc/>
    public override byte[] Mutate(FuzzRandom random)
    {
        var (task, line) = random.Pick(lines);
        byte[] bytes = [task];
        for (var count = random.Length(4); count > 0; count--)
            bytes = [.. bytes, .. random.OneIn(3) ? line.ToBytes() : JsonMutator.Mutate(random, line, ["\"a\"", "\"b\"", "\"1\"", "[\"x\",\"y\"]", "{\"text\":[\"x\"],\"label\":[\"A\"]}"]), .. random.OneIn(5) ? "\r\n"u8 : "\n"u8];
        return bytes;
    }

    /// <inheritdoc/>
    public override bool Accepts(FuzzInput input, DiagnosticBag diagnostics)
    {
        var task = input.Bytes[0] - 'a';
        input.Bytes = input.Bytes[1..];
        if (task >= 0 && task < TaskTable.All.Length)
            return TaskDataReader.Parse(TaskTable.All[task], "input.jsonl", input.Bytes, null, diagnostics) is not null;
        return CorpusReader.Read(input.Write(), tokenizer, 256, new CorpusOptions { Join = JoinRule.All.First(join => join.Rows == CorpusRows.Documents) }, diagnostics, TestContext.Current.CancellationToken) is not null;
    }
}

/// <summary>Files of token ids: NumPy arrays, bare integers and text; the first byte says which.</summary>
internal sealed class TokenIdTarget : FuzzTarget
{
    private static readonly string[] Endings = [".npy", ".bin", ".ids"];

    private readonly TextMutator headers = new(
        [Header("<i8", "(4,)"), Header("<u2", "(8,)"), Header("|u1", "(2, 3)"), Header("<i4", "()"), "{'fortran_order': False, 'descr': '<i8', 'shape': (1,), }"], ["()", "[]", "{}"]);

    private readonly TextMutator texts = new(["1, 2, 3\n", "[4, 5, 255]", "7 8\t9"], ["[]"]);

    /// <inheritdoc/>
    public override string Name => "token-ids";

    /// <inheritdoc/>
    public override string Extension => ".ids";

    /// <inheritdoc/>
    public override IReadOnlyList<byte[]> Seeds { get; } =
    [
        [0, .. NumPy(1, Encoding.Latin1.GetBytes(Header("<i8", "(4,)")), new byte[32])], [0, .. NumPy(2, Encoding.Latin1.GetBytes(Header("<u2", "(8,)")), new byte[16])], [1, 1, 0, 2, 0, 3, 0, 4, 0], [2, .. "[1, 2, 3]"u8],
    ];

    /// <inheritdoc/>
    public override byte[] Mutate(FuzzRandom random) => random.Below(4) switch
    {
        0 => [0, .. NumPy((byte)random.Between(1, 3), headers.Mutate(random), new byte[random.Below(40)])],
        1 => [2, .. texts.Mutate(random)],
        2 => [(byte)random.Below(3), .. ByteMutator.Mutate(random, random.Pick(Seeds)[1..], [new FieldSpan(6, 1), new FieldSpan(8, 2), new FieldSpan(8, 4)], Seeds)],
        _ => [1, .. ByteMutator.Mutate(random, [1, 0, 2, 0, 3, 0, 4, 0], [], Seeds)],
    };

    /// <inheritdoc/>
    public override bool Accepts(FuzzInput input, DiagnosticBag diagnostics)
    {
        var ids = TokenIdFile.Parse("input" + Endings[input.Bytes[0] % Endings.Length], input.Bytes.AsSpan(1), 256, diagnostics);
        return ids is not null && CorpusReader.CheckIds(ids, 256, "input", diagnostics);
    }

    private static string Header(string type, string shape) => $"{{'descr': '{type}', 'fortran_order': False, 'shape': {shape}, }}";

    private static byte[] NumPy(byte version, byte[] header, byte[] data) =>
        [0x93, .. "NUMPY"u8, version, 0, .. version == 1 ? BitConverter.GetBytes((ushort)header.Length) : BitConverter.GetBytes(header.Length), .. header, .. data];
}

/// <summary>Runs <see cref="JsonLinesTarget"/>.</summary>
public sealed class JsonLinesTests : FuzzTests
{
    private protected override FuzzTarget Target { get; } = new JsonLinesTarget();
}

/// <summary>Runs <see cref="TokenIdTarget"/>.</summary>
public sealed class TokenIdTests : FuzzTests
{
    private protected override FuzzTarget Target { get; } = new TokenIdTarget();
}
