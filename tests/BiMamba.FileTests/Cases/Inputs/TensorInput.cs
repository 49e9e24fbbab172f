using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using BiMamba.Testing.Building;

namespace BiMamba.FileTests.Cases.Inputs;

/// <summary>
/// Sound files of tensors: lines <c>NAME : TYPE[DIMS] = VALUES</c>, where values are <c>ones</c>, <c>zeros</c>,
/// <c>count</c> (0, 1, 2, ...) or <c>[1, 2, 3]</c>.
/// </summary>
internal static partial class TensorInput
{
    /// <summary>A safetensors file, the tensors in the order of the lines.</summary>
    public static byte[] Safetensors(IReadOnlyList<CaseLine> body)
    {
        var header = new JsonObject();
        var data = new List<byte>();
        foreach (var tensor in Rows(body))
        {
            header[tensor.Name] = new JsonObject
            {
                ["dtype"] = tensor.Type.Safetensors,
                ["shape"] = new JsonArray([.. tensor.Dims.Select(dim => JsonValue.Create(dim))]),
                ["data_offsets"] = new JsonArray(data.Count, data.Count + tensor.Data.Length),
            };
            data.AddRange(tensor.Data);
        }

        var json = Encoding.UTF8.GetBytes(header.ToJsonString());
        return [.. NumberBytes.Of("u64", json.Length.ToString(CultureInfo.InvariantCulture))!, .. json, .. data];
    }

    /// <summary>An archive of torch.save with one storage a tensor.</summary>
    public static byte[] Torch(IReadOnlyList<CaseLine> body)
    {
        var pickle = new PickleBuilder().Op('}').Op('(');
        var storages = new List<byte[]>();
        foreach (var tensor in Rows(body))
        {
            var strides = tensor.Dims.Select((_, i) => tensor.Dims[(i + 1)..].Aggregate(1L, (product, dim) => product * dim)).ToArray();
            var key = storages.Count.ToString(CultureInfo.InvariantCulture);
            pickle.Text(tensor.Name).Tensor(tensor.Type.Torch ?? throw new CaseException(body[0].Number, $"a torch file has no storage of {tensor.Type.Name}"), key, tensor.Data.Length / tensor.Type.Size, 0, tensor.Dims, strides);
            storages.Add(tensor.Data);
        }

        var zip = new ZipBuilder().Add("a/data.pkl", pickle.Op('u').Stop()).Add("a/byteorder", "little"u8.ToArray());
        for (var i = 0; i < storages.Count; i++)
            zip.Add(string.Create(CultureInfo.InvariantCulture, $"a/data/{i}"), storages[i]);
        return zip.Add("a/version", "3\n"u8.ToArray()).Build();
    }

    /// <summary>The tensors of a body.</summary>
    /// <exception cref="CaseException">A line is no tensor.</exception>
    public static IEnumerable<(string Name, NumberType Type, long[] Dims, byte[] Data)> Rows(IReadOnlyList<CaseLine> body)
    {
        foreach (var line in body.Where(line => line.Text.Trim().Length > 0 && !line.Text.StartsWith(';')))
        {
            var match = Row().Match(line.Text);
            if (!match.Success || NumberBytes.Find(match.Groups["type"].Value) is not { } type)
                throw new CaseException(line.Number, $"expected 'NAME : TYPE[DIMS] = ones|zeros|count|[NUMBERS]' with one of {string.Join(", ", NumberBytes.Types.Select(known => known.Name))}, found '{line.Text}'");
            var dims = match.Groups["dims"].Value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(dim => long.Parse(dim, CultureInfo.InvariantCulture)).ToArray();
            yield return (match.Groups["name"].Value, type, dims, Data(match, dims.Aggregate(1L, (product, dim) => product * dim), line.Number));
        }
    }

    private static byte[] Data(Match match, long count, int line)
    {
        var values = match.Groups["values"].Value;
        var numbers = values switch
        {
            "ones" => [.. Enumerable.Repeat("1", (int)count)],
            "zeros" => [.. Enumerable.Repeat("0", (int)count)],
            "count" => [.. Enumerable.Range(0, (int)count).Select(i => i.ToString(CultureInfo.InvariantCulture))],
            _ => values[1..^1].Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries),
        };
        if (numbers.Length != count)
            throw new CaseException(line, $"expected {count} numbers, found {numbers.Length}");
        return [.. numbers.SelectMany(number => NumberBytes.Of(match.Groups["type"].Value, number) ?? throw new CaseException(line, $"'{number}' is no number of type {match.Groups["type"].Value}"))];
    }

    [GeneratedRegex(@"^(?<name>\S+)\s*:\s*(?<type>\w+)\[(?<dims>[\d, ]*)\]\s*=\s*(?<values>ones|zeros|count|\[[^\]]*\])\s*(;.*)?$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Row();
}
