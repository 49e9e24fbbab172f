using System.Text.Json;
using System.Text.RegularExpressions;
using BiMamba.Diagnostics;
using BiMamba.Formats.Gguf;
using BiMamba.Tensors;

namespace BiMamba.FileTests.Cases.Inputs;

/// <summary>
/// Sound GGUF files: lines <c>KEY = JSON</c> for the metadata, where whole numbers are uint32 (int32 in lists) and others
/// float32, and tensors of f32 as in <see cref="TensorInput"/>.
/// </summary>
internal static partial class GgufInput
{
    /// <summary>Writes a file, metadata and tensors in the order of the lines.</summary>
    /// <exception cref="CaseException">A line is neither.</exception>
    public static void Write(string path, IReadOnlyList<CaseLine> body)
    {
        var metadata = new List<KeyValuePair<string, GgufValue>>();
        var tensors = new List<CaseLine>();
        foreach (var line in body)
        {
            if (Pair().Match(line.Text) is { Success: true } match)
                metadata.Add(new(match.Groups["key"].Value, Value(match.Groups["value"].Value, line.Number)));
            else
                tensors.Add(line);
        }

        var diagnostics = new DiagnosticBag();
        GgufTensor[] rows = [.. TensorInput.Rows(tensors).Select(row => new GgufTensor(row.Name, GgmlType.F32, Tensor(row.Type, row.Dims, row.Data, body)))];
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        if (!GgufWriter.Write(path, metadata, rows, true, diagnostics, CancellationToken.None))
            throw new CaseException(body[0].Number, string.Join('\n', diagnostics.Items));
    }

    private static MemoryTensor Tensor(NumberType type, long[] dims, byte[] data, IReadOnlyList<CaseLine> body) =>
        type.Name == "f32" ? new MemoryTensor(data, ElementType.F32, Shape.Of(dims)) : throw new CaseException(body[0].Number, $"expected tensors of f32, found {type.Name}");

    private static GgufValue Value(string json, int line)
    {
        using var document = JsonDocument.Parse(json);
        var root = document.RootElement;
        if (root.ValueKind != JsonValueKind.Array)
            return Single(root, line);
        if (root.EnumerateArray().All(item => item.ValueKind == JsonValueKind.String))
            return GgufValue.Strings(root.EnumerateArray().Select(item => item.GetString()!));
        return root.EnumerateArray().All(item => item.TryGetInt32(out _))
            ? GgufValue.Integers(root.EnumerateArray().Select(item => item.GetInt32()))
            : GgufValue.Floats(root.EnumerateArray().Select(item => item.GetSingle()));
    }

    private static GgufValue Single(JsonElement value, int line) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.True or JsonValueKind.False => value.GetBoolean(),
        JsonValueKind.Number => value.TryGetUInt32(out var number) ? (GgufValue)number : value.GetSingle(),
        _ => throw new CaseException(line, $"expected a text, a truth value, a number or a list, found {value.ValueKind}"),
    };

    [GeneratedRegex(@"^(?<key>[\w.]+) = (?<value>.+)$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Pair();
}
