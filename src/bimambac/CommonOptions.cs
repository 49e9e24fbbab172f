using System.CommandLine;
using System.Globalization;
using BiMamba.CommandLine.Console;
using BiMamba.Frontend;
using BiMamba.Runtime;
using BiMamba.Toolchain;

namespace BiMamba.CommandLine;

/// <summary>Options that several commands share.</summary>
internal sealed class CommonOptions
{
    /// <summary>--threads.</summary>
    public Option<int?> Threads { get; } = Limited("--threads", "Threads to use; results never depend on it (default: cores).", 1, Limits.MaxThreads);

    /// <summary>--json.</summary>
    public Option<bool> Json { get; } = new("--json") { Description = "Write the result as JSON." };

    /// <summary>--force.</summary>
    public Option<bool> Force { get; } = new("--force") { Description = "Replace an output that exists." };

    /// <summary>--verbose.</summary>
    public Option<bool> Verbose { get; } = new("--verbose", "-v") { Description = "Say more on stderr.", Recursive = true };

    /// <summary>--quiet.</summary>
    public Option<bool> Quiet { get; } = new("--quiet", "-q") { Description = "Say only warnings and errors on stderr.", Recursive = true };

    /// <summary>--debug.</summary>
    public Option<bool> Debug { get; } = new("--debug") { Description = "Show the stack trace of an internal error.", Recursive = true };

    /// <summary>--config.</summary>
    public Option<string?> Config { get; } = InputFile(new Option<string?>("--config") { Description = "Configuration of a checkpoint, instead of the one beside it.", HelpName = "FILE" });

    /// <summary>--tokenizer.</summary>
    public Option<string?> Tokenizer { get; } = InputFile(new Option<string?>("--tokenizer") { Description = "tokenizer.json, or the word bytes, instead of the model's own.", HelpName = "FILE" });

    /// <summary>--norm-group-size.</summary>
    public Option<int?> NormGroupSize { get; } = Limited("--norm-group-size", "Columns that the gated norm of Mamba-2 takes together, instead of those of the layout.", 1);

    /// <summary>--fidelity.</summary>
    public Option<string> Fidelity { get; } = Words("--fidelity", "What a Bi-Mamba checkpoint's weights are: its scale and shift as stored, or the fp16 levels of the official evaluation.", LoadOptions.Latent, LoadOptions.OfficialFp16);

    /// <summary>--context.</summary>
    public Option<int?> Context { get; } = Limited("--context", "Tokens of a window (default: that of the protocol).", 2, aliases: "-c");

    /// <summary>--max-windows.</summary>
    public Option<int?> MaxWindows { get; } = Limited("--max-windows", "Stop after this many windows (default: all).", 1);

    /// <summary>--engine, fast unless said otherwise.</summary>
    public Option<string> Engine { get; } = EngineOf(RuntimeWords.Fast, RuntimeWords.Reference);

    /// <summary>--engine of a command whose output is compared with other implementations.</summary>
    public Option<string> ReferenceEngine { get; } = EngineOf(RuntimeWords.Reference, RuntimeWords.Fast);

    /// <summary>--state.</summary>
    public Option<string> State { get; } = Words("--state", "Element type of the states of scans: bf16 halves what a token moves for them, at some cost in perplexity.", RuntimeWords.F32, RuntimeWords.BF16);

    /// <summary>The argument of a model of any kind.</summary>
    public static Argument<string> Model() => new("model") { Description = "A .bimb file, a .bmir file with its weights beside it, a checkpoint folder, or a .safetensors, .bin, .pt or .gguf file." };

    /// <summary>The options of an import, added to a command.</summary>
    public void AddImport(Command command)
    {
        command.Add(Config);
        command.Add(Tokenizer);
        command.Add(NormGroupSize);
        command.Add(Fidelity);
    }

    /// <summary>What the command line says of an import.</summary>
    public ImportOptions Import(ParseResult result) => Load(result).Import;

    /// <summary>What the command line says of how a model is read; a fidelity that is not given is left to pipelines.</summary>
    public LoadOptions Load(ParseResult result) => new()
    {
        NormGroupSize = result.GetValue(NormGroupSize),
        Fidelity = result.GetResult(Fidelity) is { Implicit: false } ? result.GetValue(Fidelity) : null,
        ConfigPath = result.GetValue(Config),
        TokenizerPath = result.GetValue(Tokenizer),
    };

    /// <summary>What the command line says of the runtime, for a command with <see cref="Engine"/> and <see cref="State"/>.</summary>
    public RuntimeOptions Runtime(ParseResult result) =>
        new(ThreadCount(result), Engine: RuntimeWords.Engine(result.GetValue(Engine)!), StateType: RuntimeWords.State(result.GetValue(State)!));

    /// <summary>The reference engine with a state of fp32, by which models are compared.</summary>
    public RuntimeOptions ReferenceRuntime(ParseResult result) => RuntimeOptions.Reference with { Threads = ThreadCount(result) };

    /// <summary>How many threads to use.</summary>
    public int ThreadCount(ParseResult result) => Limits.Threads(result.GetValue(Threads));

    /// <summary>Applies --verbose and --quiet.</summary>
    public void Apply(ParseResult result, Terminal terminal)
    {
        terminal.IsVerbose = result.GetValue(Verbose);
        terminal.IsQuiet = result.GetValue(Quiet);
        terminal.Shown = terminal.IsQuiet ? Diagnostics.Severity.Warning : Diagnostics.Severity.Note;
    }

    /// <summary>An option with a small vocabulary whose first word is the default.</summary>
    public static Option<string> Words(string name, string description, params string[] words)
    {
        var option = new Option<string>(name) { Description = description, DefaultValueFactory = _ => words[0] };
        Restrict(option, words);
        return option;
    }

    /// <summary>Lets an option take every file name but the empty one, which an unset shell variable leaves.</summary>
    public static Option<T> InputFile<T>(Option<T> option)
        where T : class?
    {
        option.Validators.Add(result =>
        {
            if (result.Tokens.Any(token => token.Value.Length == 0))
                result.AddError($"{option.Name}: expected a file name, found an empty one");
        });
        return option;
    }

    /// <summary>Lets an option take only the words of a small vocabulary.</summary>
    public static void Restrict<T>(Option<T> option, params string[] words)
        where T : class?
    {
        option.CompletionSources.Add(words);
        option.Validators.Add(result =>
        {
            foreach (var found in result.Tokens.Select(token => token.Value).Where(value => !words.Contains(value, StringComparer.Ordinal)))
                result.AddError($"{option.Name}: expected {(words.Length == 1 ? words[0] : "one of " + string.Join(", ", words))}, found '{found}'");
        });
    }

    /// <summary>An option of a whole number from a minimum to a maximum.</summary>
    public static Option<int?> Limited(string name, string description, int min, int max = int.MaxValue, params string[] aliases)
    {
        var expected = max == int.MaxValue ? $"a whole number from {min}" : $"a whole number from {min} to {max}";
        var option = Parsed<int?>(name, description, expected, text => ParseWhole(text) is { } value && value >= min && value <= max ? value : null, aliases);
        option.HelpName = "N";
        return option;
    }

    /// <summary>An option whose text is read by a function that gives null where the text does not fit.</summary>
    public static Option<T> Parsed<T>(string name, string description, string expected, Func<string, T> parse, params string[] aliases) => new(name, aliases)
    {
        Description = description,
        CustomParser = result =>
        {
            var text = result.Tokens[^1].Value;
            var value = parse(text);
            if (value is null)
                result.AddError($"{name}: expected {expected}, found '{text}'");
            return value;
        },
    };

    private static Option<string> EngineOf(params string[] words) =>
        Words("--engine", "fast rounds the inputs of sign products to 22 bits and adds integers; reference adds fp32 numbers.", words);

    private static int? ParseWhole(string text) =>
        int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) ? value : null;
}
