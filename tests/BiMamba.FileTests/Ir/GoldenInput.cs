using BiMamba.FileTests.Cases;
using BiMamba.Testing;
using BiMamba.Text;

namespace BiMamba.FileTests.Ir;

/// <summary>
/// A golden file of a text form: a sentence and directives in comment lines, the input, and behind it the expectation,
/// which starts with the first line <c>; expect:</c>, <c>; error:</c>, <c>; warning:</c> or <c>; note:</c>.
/// </summary>
internal sealed class GoldenInput
{
    private static readonly string[] ExpectationKeys = ["; expect:", "; error:", "; warning:", "; note:"];

    private readonly string path;

    private GoldenInput(string path, string input, string expectation)
    {
        this.path = path;
        Expectation = expectation;
        Source = new SourceText(Path.GetFileName(path), input);
        Directives = TextDirectives.Read(Source);
    }

    /// <summary>The file up to the expectation: its lines are those of the file.</summary>
    public SourceText Source { get; }

    /// <summary>The directives.</summary>
    public TextDirectives Directives { get; }

    /// <summary>The expectation as it stands; empty where there is none.</summary>
    public string Expectation { get; }

    /// <summary>The sentence and the directives as they stand.</summary>
    public string Head => Source.Content[..Directives.End];

    /// <summary>The input without the head.</summary>
    public string Body => Source.Content[Directives.End..];

    /// <summary>Files of a folder under golden/, by their names.</summary>
    public static TheoryData<string> Files(string extension, params ReadOnlySpan<string> folder) =>
    [
        .. Directory.EnumerateFiles(Repository.Golden(folder), "*" + extension)
            .Select(file => Path.GetFileName(file))
            .Where(file => !file.Contains(".received.", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal),
    ];

    /// <summary>Reads a file; line ends become <c>\n</c>.</summary>
    public static GoldenInput Load(params ReadOnlySpan<string> parts) => Read(Repository.Golden(parts), File.ReadAllText(Repository.Golden(parts)));

    /// <summary>Takes a text apart.</summary>
    /// <param name="path">The file that <see cref="Match"/> compares with.</param>
    /// <param name="text">Its text.</param>
    public static GoldenInput Read(string path, string text)
    {
        text = text.ReplaceLineEndings("\n");
        var split = 0;
        while (split < text.Length && !ExpectationKeys.Any(key => string.CompareOrdinal(text, split, key, 0, key.Length) == 0))
            split = text.IndexOf('\n', split) is >= 0 and var end ? end + 1 : text.Length;
        return new GoldenInput(path, text[..split], text[split..]);
    }

    /// <summary>Checks the head: a sentence comes first, and every directive has one of the given keys.</summary>
    /// <exception cref="CaseException">It does not.</exception>
    public void CheckHead(params ReadOnlySpan<string> keys)
    {
        var first = Source.Line(1);
        if (!first.StartsWith("; ", StringComparison.Ordinal) || (Directives.Count > 0 && Source.LineColumn(Directives[0].Position).Line == 1))
            throw new CaseException(1, $"expected '; SENTENCE', found '{first}'");
        var known = keys.ToArray();
        foreach (var directive in Directives.Where(directive => !known.Contains(directive.Key, StringComparer.Ordinal)))
            throw Error(directive.Position, $"there is no directive '{directive.Key}'; hint: {NearestName.Hint(directive.Key, known)}");
    }

    /// <summary>A mistake of the golden file itself.</summary>
    public CaseException Error(int position, string message) => new(Source.LineColumn(position).Line, message);

    /// <summary>Compares what came out with the whole file, or blesses it.</summary>
    public void Match(string actual) => Golden.Match(path, actual);

    /// <summary>Runs a test over the file and names its line where it is malformed.</summary>
    public void Run(Action<GoldenInput> test)
    {
        try
        {
            test(this);
        }
        catch (CaseException e)
        {
            Assert.Fail($"{Path.GetRelativePath(Repository.Root, path)}:{e.Line}: {e.Message}");
        }
    }
}
