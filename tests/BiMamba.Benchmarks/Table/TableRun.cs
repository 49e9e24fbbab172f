using BiMamba.Benchmarks.Results;
using BiMamba.Measurement;

namespace BiMamba.Benchmarks.Table;

/// <summary>Makes models of every size, measures them beside llama.cpp, and deletes them.</summary>
internal sealed class TableRun(TableOptions options)
{
    private readonly OurCommand ours = new(options);
    private readonly LlamaCommand llama = new(options);

    /// <summary>Measures everything.</summary>
    public PerformanceResults Run()
    {
        Directory.CreateDirectory(options.Work);
        GrowthResult? growth = null;
        ConversionResult? conversion = null;
        var models = new List<ModelResult>();
        foreach (var size in options.Sizes)
        {
            var folder = Path.Combine(options.Work, size);
            var checkpoint = Path.Combine(folder, "checkpoint");
            var bimb = Path.Combine(folder, "model.bimb");
            Directory.CreateDirectory(folder);
            try
            {
                Say(size, "synth and convert");
                ours.Run("synth", "--arch", "bimamba2", "--size", size, "--output", checkpoint, "--force");
                ours.Run("convert", checkpoint, "--output", bimb, "--force");
                if (size == options.Sizes[^1])
                    conversion = Converted(size, checkpoint, folder);
                Directory.Delete(checkpoint, recursive: true);
                models.Add(Measure(size, folder, bimb));
                if (size == options.Sizes[0])
                    growth = Grow(size, bimb);
            }
            finally
            {
                Directory.Delete(folder, recursive: true);
            }
        }

        return new PerformanceResults(1, MachineDescription.Read(), options.Threads, llama.Release, llama.Absent, models, growth, conversion, ours.Evaluate());
    }

    private ModelResult Measure(string size, string folder, string bimb)
    {
        var files = llama.Absent is null ? TableOptions.LlamaTypes.Select(type => (Type: type, File: Synthesize(size, folder, type))).ToList() : [];
        var rounds = new List<OurRound>();
        var others = files.Select(_ => new List<LlamaRound>()).ToList();
        for (var round = 0; round < options.Rounds; round++)
        {
            Say(size, $"round {round + 1} of {options.Rounds}");
            rounds.Add(ours.Measure(bimb));
            for (var i = 0; i < files.Count; i++)
                others[i].Add(llama.Measure(size, files[i].File)!);
        }

        return new ModelResult(
            size, new FileInfo(bimb).Length, ours.Parts(bimb), rounds,
            [.. files.Select((file, i) => new LlamaResult(file.Type, new FileInfo(file.File).Length, others[i]))]);
    }

    private string Synthesize(string size, string folder, string type)
    {
        Say(size, "synth " + type);
        var file = Path.Combine(folder, type + ".gguf");
        ours.Run("synth", "--arch", "mamba2", "--size", size, "--gguf", type, "--output", file, "--force");
        return file;
    }

    private ConversionResult Converted(string size, string checkpoint, string folder)
    {
        Say(size, "conversions and copies in turn");
        var measured = Conversion.Measure(checkpoint, folder, options.Command);
        return new ConversionResult(size, measured.ConvertSeconds, measured.CopySeconds, measured.Ratio, measured.PeakAnonymousBytes);
    }

    private GrowthResult Grow(string size, string bimb)
    {
        Say(size, "growth");
        return ours.Grow(bimb, size);
    }

    private static void Say(string size, string what) => Console.Error.WriteLine($"{size}: {what}");
}
