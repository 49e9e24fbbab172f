using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using BiMamba.Testing.Building;

namespace BiMamba.FileTests.Cases.Inputs;

/// <summary>
/// A folder with a small sound checkpoint, <c>config.json</c> and <c>model.safetensors</c>, and what is changed in it:
/// <c>config KEY = JSON</c> (a dot reaches into an object), <c>unset KEY</c>, <c>drop TENSOR</c>,
/// <c>put TENSOR f32[DIMS]</c> (small different numbers), <c>put TENSOR : TYPE[DIMS] = VALUES</c>; <c>torch PREFIX</c> puts the
/// tensors into <c>pytorch_model.bin</c>, this before each name.
/// </summary>
internal static partial class CheckpointInput
{
    private static readonly Dictionary<string, Func<SmallCheckpoint>> Kinds = new(StringComparer.Ordinal)
    {
        ["mamba1"] = () => SmallCheckpoint.Mamba1(),
        ["mamba2"] = () => SmallCheckpoint.Mamba2(),
        ["mamba2-hf"] = () => SmallCheckpoint.HuggingFace(),
        ["mamba2-hf-2-groups"] = () => SmallCheckpoint.HuggingFace(groups: 2),
    };

    /// <summary>Writes the folder.</summary>
    /// <exception cref="CaseException">The kind or a change is unknown.</exception>
    public static void Write(CaseInput input, string folder)
    {
        if (!Kinds.TryGetValue(input.Arguments[0], out var make))
            throw new CaseException(input.Line, $"unknown checkpoint '{input.Arguments[0]}'; expected one of {string.Join(", ", Kinds.Keys)}");
        var checkpoint = make();
        var typed = new List<CaseLine>();
        foreach (var line in input.Body.Where(line => line.Text.Trim().Length > 0))
            Change(checkpoint, typed, line);
        var names = typed.Select(line => line.Text.Split(' ')[0]).ToHashSet(StringComparer.Ordinal);
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "config.json"), checkpoint.Config.ToJsonString());
        CaseLine[] tensors = [.. checkpoint.Tensors.Where(pair => !names.Contains(pair.Key)).Select(pair => new CaseLine(input.Line, Line(pair.Key, pair.Value))), .. typed];
        if (input.Body.FirstOrDefault(line => IsTorch(line)) is { Text: { } torch })
            File.WriteAllBytes(Path.Combine(folder, "pytorch_model.bin"), TensorInput.Torch([.. tensors.Select(line => line with { Text = torch[6..] + line.Text })]));
        else
            File.WriteAllBytes(Path.Combine(folder, "model.safetensors"), TensorInput.Safetensors(tensors));
    }

    private static void Change(SmallCheckpoint checkpoint, List<CaseLine> typed, CaseLine line)
    {
        var match = Form().Match(line.Text);
        var name = match.Groups["name"].Value;
        switch (match.Groups["word"].Value)
        {
            case "config":
                checkpoint.Set(name, JsonNode.Parse(match.Groups["value"].Value));
                break;
            case "torch" when IsTorch(line):
                break;
            case "unset" when match.Groups["value"].Length == 0:
                checkpoint.Unset(name);
                break;
            case "drop" when match.Groups["value"].Length == 0:
                if (!checkpoint.Tensors.Remove(name))
                    throw new CaseException(line.Number, $"no tensor '{name}' to drop");
                break;
            case "put" when Dims().Match(match.Groups["value"].Value) is { Success: true } dims:
                checkpoint.Put(name, [.. dims.Groups["dim"].Captures.Select(dim => long.Parse(dim.Value, System.Globalization.CultureInfo.InvariantCulture))]);
                break;
            case "put":
                typed.Add(line with { Text = $"{name} {match.Groups["value"].Value}" });
                break;
            default:
                throw new CaseException(line.Number, $"expected 'config KEY = JSON', 'unset KEY', 'torch PREFIX', 'drop TENSOR', 'put TENSOR f32[DIMS]' or 'put TENSOR : TYPE[DIMS] = VALUES', found '{line.Text}'");
        }
    }

    private static bool IsTorch(CaseLine line) => line.Text.StartsWith("torch ", StringComparison.Ordinal) && !line.Text[6..].Contains(' ', StringComparison.Ordinal);

    private static string Line(string name, long[] dims)
    {
        var numbers = SmallCheckpoint.Values(name, dims).Select(value => value.ToString("R", System.Globalization.CultureInfo.InvariantCulture));
        return new StringBuilder().Append(name).Append(" : f32[").AppendJoin(',', dims).Append("] = [").AppendJoin(", ", numbers).Append(']').ToString();
    }

    [GeneratedRegex(@"^(?<word>\w+) (?<name>\S+)(?: (?:= )?(?<value>.+))?$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Form();

    [GeneratedRegex(@"^f32\[(?:(?<dim>\d+),? ?)*\]$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Dims();
}
