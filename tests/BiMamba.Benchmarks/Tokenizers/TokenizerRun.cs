using System.Diagnostics;
using BiMamba.Diagnostics;
using BiMamba.Tokenizers;

namespace BiMamba.Benchmarks.Tokenizers;

/// <summary>How fast tokenizers encode a text on one thread: whole, once with nothing seen before and then again.</summary>
internal static class TokenizerRun
{
    /// <summary>Measures tokenizers and prints a row for each.</summary>
    /// <param name="paths">Files tokenizer.json.</param>
    /// <param name="textPath">A text in UTF-8.</param>
    /// <param name="repetitions">How often the text is encoded after the first time.</param>
    /// <exception cref="IOException">A file cannot be read, or is no tokenizer.</exception>
    public static void Run(IReadOnlyList<string> paths, string textPath, int repetitions)
    {
        var text = File.ReadAllBytes(textPath);
        WarmUp(paths[0], text);
        Console.WriteLine($"{Path.GetFileName(textPath)}: {text.Length} bytes, one thread, {repetitions} repetitions");
        Console.WriteLine("first MB/s  median MB/s  slowest MB/s   tokens  tokenizer");
        foreach (var path in paths)
        {
            var tokenizer = Load(path);
            var (first, tokens) = Seconds(tokenizer, text);
            var again = Enumerable.Range(0, repetitions).Select(_ => Seconds(tokenizer, text).Seconds).Order().ToArray();
            Console.WriteLine($"{Rate(first),10:0.00}  {Rate(again[again.Length / 2]),11:0.00}  {Rate(again[^1]),12:0.00}  {tokens,7}  {tokenizer.Kind} {Path.GetFileName(path)}");
        }

        double Rate(double seconds) => text.Length / seconds / 1e6;
    }

    /// <summary>Lets the compiler finish its work: a first time measures the words, not the compiler.</summary>
    private static void WarmUp(string path, byte[] text)
    {
        var begin = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(begin).TotalSeconds < 2)
            Seconds(Load(path), text);
    }

    private static (double Seconds, int Tokens) Seconds(Tokenizer tokenizer, byte[] text)
    {
        var begin = Stopwatch.GetTimestamp();
        var ids = tokenizer.Encode(text);
        return (Stopwatch.GetElapsedTime(begin).TotalSeconds, ids.Length);
    }

    private static Tokenizer Load(string path)
    {
        var diagnostics = new DiagnosticBag();
        return TokenizerJson.Load(path, diagnostics) ?? throw new IOException(string.Join('\n', diagnostics.Items));
    }
}
