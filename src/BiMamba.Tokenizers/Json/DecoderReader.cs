using System.Text.Json;
using BiMamba.Tokenizers.Decoders;

namespace BiMamba.Tokenizers.Json;

/// <summary>Reads <c>decoder</c>.</summary>
internal static class DecoderReader
{
    /// <summary>Reads the decoder.</summary>
    /// <param name="element">The field, or null.</param>
    /// <param name="path">Its path.</param>
    /// <param name="byteLevel">True where tokens are written in the byte alphabet, so that only ByteLevel fits.</param>
    /// <param name="report">Where errors go.</param>
    /// <returns>The decoder, or null where an error was reported.</returns>
    public static TokenDecoder? Read(JsonElement? element, string path, bool byteLevel, JsonReport report)
    {
        if (element is null)
        {
            report.Unsupported(path, "expected a decoder, found null, which joins tokens with spaces");
            return null;
        }

        var steps = ComponentList.Flatten(element, path, "decoders", report);
        return byteLevel ? ReadByteLevel(steps, path, report) : ReadCharacters(steps, path, report);
    }

    private static ByteLevelDecoder? ReadByteLevel(List<JsonFields> steps, string path, JsonReport report)
    {
        foreach (var step in steps)
        {
            if (step.Type == "ByteLevel")
                step.Expect("type", "add_prefix_space", "trim_offsets", "use_regex");
            else
                report.Unsupported(step.Path, $"expected a decoder ByteLevel, as the pre-tokenizer is, found {JsonReport.Quote(step.Type!)}");
        }

        if (steps.Count != 1 && !report.HasErrors)
            report.Unsupported(path, $"expected one decoder ByteLevel, found {steps.Count} decoders");
        return steps.Count == 1 ? new ByteLevelDecoder() : null;
    }

    /// <summary>Replace steps, then ByteFallback, Fuse and Strip, each at most once and in this order.</summary>
    private static CharacterDecoder? ReadCharacters(List<JsonFields> steps, string path, JsonReport report)
    {
        var replacements = new List<(string, string)>();
        var growth = new GrowthLimit();
        var (order, fallback, fused, spaces) = (0, false, false, 0);
        foreach (var step in steps)
        {
            var rank = Array.IndexOf(["Replace", "ByteFallback", "Fuse", "Strip"], step.Type);
            if (rank < 0 || rank < order || (rank > 0 && rank == order))
            {
                report.Unsupported(step.Path, $"expected decoders Replace, ByteFallback, Fuse, Strip in this order, found {JsonReport.Quote(step.Type!)}");
                continue;
            }

            order = rank;
            fallback |= rank == 1;
            fused |= rank == 2;
            if (rank == 0 && PatternReader.Read(step, growth) is { } pair)
                replacements.Add(pair);
            else if (rank == 3)
                spaces = ReadStrip(step);
            else if (rank > 0)
                step.Expect("type");
        }

        if (!fused && !report.HasErrors)
            report.Unsupported(path, "expected a decoder Fuse, found none, so that tokens would be joined in another way");
        return new CharacterDecoder(replacements, fallback, spaces);
    }

    private static int ReadStrip(JsonFields step)
    {
        step.Expect("type", "content", "start", "stop");
        var content = step.Require("content", JsonValueKind.String, "a string")?.GetString();
        var (start, stop) = (step.Count("start", 1 << 16), step.Count("stop", 1 << 16));
        if (content is not null && content != " ")
            step.Report.Unsupported(step.PathOf("content"), $"expected one space, found {JsonReport.Quote(content)}");
        if (stop > 0)
            step.Report.Unsupported(step.PathOf("stop"), $"expected 0, found {stop}: what a stream has given cannot be taken back");
        return start ?? 0;
    }
}
