using System.Globalization;
using System.Text;
using System.Text.Json;
using BiMamba.CommandLine.Tests;
using BiMamba.Diagnostics;

namespace BiMamba.FileTests.Cases.Inputs;

/// <summary>
/// The one table of inputs that a case file can make: whole files (<c>file</c>, <c>bytes</c>, <c>safetensors</c>, <c>gguf</c>,
/// <c>torch</c>, <c>zip</c>, <c>hole</c>), folders (<c>folder</c>, <c>copy</c>, <c>checkpoint</c>), a .bimb file of a sound checkpoint
/// (<c>convert</c>), and changes of what is there (<c>append</c>, <c>patch</c>, <c>replace</c>, <c>truncate</c>, <c>delete</c>).
/// </summary>
internal static class CaseInputs
{
    private static readonly Dictionary<string, InputKind> Kinds = new(StringComparer.Ordinal)
    {
        ["file"] = new("NAME", HasBody: true, (input, path, folder) => Write(path(0), Encoding.UTF8.GetBytes(string.Concat(input.Body.Select(line => folder.Expand(line.Text) + "\n"))))),
        ["bytes"] = new("NAME", HasBody: true, (input, path, _) => Write(path(0), ByteText.Parse(input.Body))),
        ["append"] = new("NAME", HasBody: true, (input, path, _) => Write(path(0), [.. File.ReadAllBytes(Existing(path(0), input)), .. ByteText.Parse(input.Body)])),
        ["patch"] = new("NAME", HasBody: true, (input, path, _) => Done(() => PatchInput.Apply(Existing(path(0), input), input.Body))),
        ["replace"] = new("NAME", HasBody: true, (input, path, _) => Done(() => Replace(Existing(path(0), input), input))),
        ["truncate"] = new("NAME to SIZE", HasBody: false, (input, path, _) => Done(() => Resize(Existing(path(0), input), input, 2))),
        ["hole"] = new("NAME of SIZE", HasBody: false, (input, path, _) => Done(() => Resize(path(0), input, 2))),
        ["copy"] = new("FROM to NAME", HasBody: false, (input, path, folder) => Copy(folder.Expand(input.Arguments[0]), path(2), input)),
        ["delete"] = new("NAME", HasBody: false, (input, path, _) => Done(() => File.Delete(Existing(path(0), input)))),
        ["folder"] = new("NAME", HasBody: false, (_, path, _) => Done(() => Directory.CreateDirectory(path(0)))),
        ["safetensors"] = new("NAME", HasBody: true, (input, path, _) => Write(path(0), TensorInput.Safetensors(input.Body))),
        ["gguf"] = new("NAME", HasBody: true, (input, path, _) => Done(() => GgufInput.Write(path(0), input.Body))),
        ["torch"] = new("NAME", HasBody: true, (input, path, _) => Write(path(0), TensorInput.Torch(input.Body))),
        ["zip"] = new("NAME", HasBody: true, (input, path, _) => Write(path(0), ZipInput.Parse(input.Body))),
        ["convert"] = new("FROM to NAME", HasBody: false, (input, path, folder) => Convert(folder.Expand(input.Arguments[0]), path(2), input)),
        ["checkpoint"] = new("KIND to NAME", HasBody: null, (input, path, _) => Done(() => CheckpointInput.Write(input, path(2)))),
    };

    /// <summary>How each input is written.</summary>
    public static IEnumerable<string> Forms => Kinds.Select(kind => $"-- {kind.Key} {kind.Value.Form} --");

    /// <summary>Makes what an input of a case describes.</summary>
    /// <exception cref="CaseException">The input is unknown or does not follow its form.</exception>
    public static async Task Apply(CaseInput input, CaseFolder folder)
    {
        if (!Kinds.TryGetValue(input.Word, out var kind))
            throw new CaseException(input.Line, $"unknown input '{input.Word}'; expected one of {string.Join(", ", Kinds.Keys)}");
        var form = kind.Form.Split(' ');
        if (input.Arguments.Count != form.Length || form.Where((word, i) => char.IsAsciiLetterLower(word[0]) && input.Arguments[i] != word).Any())
            throw new CaseException(input.Line, $"expected '-- {input.Word} {kind.Form} --'");
        if (kind.HasBody == false && input.Body.Count > 0)
            throw new CaseException(input.Body[0].Number, $"'{input.Word}' has no lines below it");
        try
        {
            await kind.Make(input, i => Inside(input, i, folder), folder);
        }
        catch (Exception e) when (e is FormatException or OverflowException or JsonException or IOException)
        {
            throw new CaseException(input.Line, e.Message);
        }
    }

    private static string Inside(CaseInput input, int argument, CaseFolder folder)
    {
        var path = Path.GetFullPath(folder[input.Arguments[argument]]);
        return path.StartsWith(folder[""], StringComparison.Ordinal) ? path : throw new CaseException(input.Line, $"'{input.Arguments[argument]}' is outside the case's folder");
    }

    private static string Existing(string path, CaseInput input) => File.Exists(path) ? path : throw new CaseException(input.Line, $"no file '{input.Arguments[0]}' to change");

    private static Task Write(string path, byte[] bytes)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        return File.WriteAllBytesAsync(path, bytes);
    }

    private static Task Done(Action make)
    {
        make();
        return Task.CompletedTask;
    }

    private static async Task Convert(string from, string to, CaseInput input)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(to)!);
        var outcome = await Cli.Run("convert", from, "-o", to, "--quiet");
        if (outcome.Code != ExitCode.Ok)
            throw new CaseException(input.Line, "the checkpoint is not sound: " + outcome.Error);
    }

    private static void Resize(string path, CaseInput input, int argument)
    {
        if (!long.TryParse(input.Arguments[argument], NumberStyles.None, CultureInfo.InvariantCulture, out var size))
            throw new CaseException(input.Line, $"expected a number of bytes, found '{input.Arguments[argument]}'");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using var stream = File.Open(path, FileMode.OpenOrCreate);
        stream.SetLength(size);
    }

    private static async Task Copy(string from, string to, CaseInput input)
    {
        if (File.Exists(from))
        {
            await Write(to, await File.ReadAllBytesAsync(from));
            return;
        }

        if (!Directory.Exists(from))
            throw new CaseException(input.Line, $"no file or folder '{input.Arguments[0]}' to copy");
        foreach (var file in Directory.GetFiles(from))
            await Write(Path.Combine(to, Path.GetFileName(file)), await File.ReadAllBytesAsync(file));
    }

    /// <summary>Replaces text that stands exactly once: lines <c>FROM => TO</c>.</summary>
    private static void Replace(string path, CaseInput input)
    {
        var text = File.ReadAllText(path);
        foreach (var line in input.Body)
        {
            if (line.Text.Split(" => ") is not [var from, var to])
                throw new CaseException(line.Number, $"expected 'FROM => TO', found '{line.Text}'");
            if (text.Split(from).Length != 2)
                throw new CaseException(line.Number, $"'{from}' stands {text.Split(from).Length - 1} times in the file; expected once");
            text = text.Replace(from, to, StringComparison.Ordinal);
        }

        File.WriteAllText(path, text);
    }

    /// <param name="Form">The arguments: lower-case words as they are, upper-case ones for what they stand for.</param>
    /// <param name="HasBody">Whether lines stand below; null where they may.</param>
    /// <param name="Make">Makes the input; the second argument gives the path of an argument inside the case's folder.</param>
    private sealed record InputKind(string Form, bool? HasBody, Func<CaseInput, Func<int, string>, CaseFolder, Task> Make);
}
