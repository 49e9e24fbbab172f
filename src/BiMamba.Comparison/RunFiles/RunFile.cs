namespace BiMamba.Comparison.RunFiles;

/// <summary>What is compared: models and methods on one side, texts on the other. The schema is compare.schema.json.</summary>
/// <param name="Models">The rows, each name once.</param>
/// <param name="Corpora">The texts, each name once.</param>
/// <param name="Title">What the comparison is called.</param>
/// <param name="Reference">Name of the row that the others are compared with; null for the first.</param>
/// <param name="Engine">The engine of all rows, <c>fast</c> or <c>reference</c>.</param>
/// <param name="Seed">Seed of the bootstrap.</param>
/// <param name="KlWindows">Windows from the beginning over which the distributions are compared; both models run over them side by side.</param>
/// <param name="Speed">True to measure decoding and memory of every model, in a process of its own.</param>
public sealed record RunFile(
    IReadOnlyList<RunModel> Models, IReadOnlyList<RunCorpus> Corpora, string Title = "Comparison", string? Reference = null, string Engine = "fast", int Seed = 0, int KlWindows = 16, bool Speed = true)
{
    /// <summary>The row that the others are compared with.</summary>
    public RunModel ReferenceModel => Models.First(model => Reference is null || model.Name == Reference);

    /// <summary>The cells: every model on every text, texts outermost.</summary>
    public IReadOnlyList<RunCell> Cells => [.. Corpora.SelectMany(corpus => Models.Select(model => new RunCell(model, corpus)))];
}

/// <summary>A model on a text.</summary>
/// <param name="Model">The row.</param>
/// <param name="Corpus">The text.</param>
public sealed record RunCell(RunModel Model, RunCorpus Corpus);

/// <summary>A row of a comparison.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Model">A checkpoint or a .bimb file; a relative path is one from the folder of the run file.</param>
/// <param name="Method">A pipeline that makes the model low-bit before it is measured, such as <c>gptq{bits=3} | pack</c>; null to take it as it is.</param>
/// <param name="Calibration">What the pipeline looks at, or null.</param>
/// <param name="Training"><c>full</c>, <c>bat</c> (trained in 1 bit) or <c>ptb</c> (made low-bit after training); null to tell from the model.</param>
/// <param name="Tokenizer">A tokenizer.json instead of the model's own, or null.</param>
public sealed record RunModel(string Name, string Model, string? Method = null, RunCalibration? Calibration = null, string? Training = null, string? Tokenizer = null);

/// <summary>Data of a calibration, with the defaults of <c>convert</c>.</summary>
/// <param name="File">A text or a file of ids.</param>
/// <param name="Samples">Windows.</param>
/// <param name="Length">Tokens of a window.</param>
/// <param name="Seed">Seed of the choice of windows.</param>
public sealed record RunCalibration(string File, int Samples = 128, int Length = 2048, int Seed = 0);

/// <summary>A text of a comparison.</summary>
/// <param name="Name">Its name.</param>
/// <param name="File">A text, documents or token ids.</param>
/// <param name="Protocol">Name of the protocol.</param>
/// <param name="Context">Tokens of a window; null for the protocol's default.</param>
/// <param name="MaxWindows">Most windows; null for all.</param>
/// <param name="Join">Name of the rule by which rows are joined.</param>
public sealed record RunCorpus(string Name, string File, string Protocol = "gptq", int? Context = null, int? MaxWindows = null, string Join = "none");
