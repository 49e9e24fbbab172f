using System.CommandLine;
using BiMamba.CommandLine.Console;
using BiMamba.Frontend;
using BiMamba.Runtime;

namespace BiMamba.CommandLine;

/// <summary>Options that several commands share.</summary>
internal sealed class CommonOptions
{
    /// <summary>--threads.</summary>
    public Option<int> Threads { get; } = Positive("--threads", "Threads to use; results never depend on it.", Environment.ProcessorCount, "cores");

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
    public Option<string?> Config { get; } = new("--config") { Description = "Configuration of a checkpoint, instead of the one beside it.", HelpName = "FILE" };

    /// <summary>--tokenizer.</summary>
    public Option<string?> Tokenizer { get; } = new("--tokenizer") { Description = "tokenizer.json, or the word bytes, instead of the model's own.", HelpName = "FILE" };

    /// <summary>--norm-group-size.</summary>
    public Option<int?> NormGroupSize { get; } = new("--norm-group-size") { Description = "Columns that the gated norm of Mamba-2 takes together, instead of those of the layout.", HelpName = "N" };

    /// <summary>--fidelity.</summary>
    public Option<string> Fidelity { get; } = Words("--fidelity", "What a Bi-Mamba checkpoint's weights are: its scale and shift as stored, or the fp16 levels of the official evaluation.", "latent", "official-fp16");

    /// <summary>--context.</summary>
    public Option<int?> Context { get; } = Limited("--context", "Tokens of a window (default: that of the protocol).", 2, "-c");

    /// <summary>--max-windows.</summary>
    public Option<int?> MaxWindows { get; } = Limited("--max-windows", "Stop after this many windows (default: all).", 1);

    /// <summary>The options of an import, added to a command.</summary>
    public void AddImport(Command command)
    {
        command.Add(Config);
        command.Add(Tokenizer);
        command.Add(NormGroupSize);
        command.Add(Fidelity);
    }

    /// <summary>What the command line says of an import.</summary>
    public ImportOptions Import(ParseResult result) =>
        new(result.GetValue(NormGroupSize), result.GetValue(Fidelity)!, result.GetValue(Config), result.GetValue(Tokenizer));

    /// <summary>What the command line says of the runtime.</summary>
    public RuntimeOptions Runtime(ParseResult result) => new(result.GetValue(Threads));

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
        option.AcceptOnlyFromAmong(words);
        return option;
    }

    /// <summary>An option of a whole number from a minimum.</summary>
    public static Option<int?> Limited(string name, string description, int min, params string[] aliases)
    {
        var option = new Option<int?>(name, aliases) { Description = description, HelpName = "N" };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int?>() is { } value && value < min)
                result.AddError($"{name}: expected a whole number from {min}, found {value}");
        });
        return option;
    }

    private static Option<int> Positive(string name, string description, int fallback, string fallbackName)
    {
        var option = new Option<int>(name) { Description = $"{description} (default: {fallbackName})", HelpName = "N", DefaultValueFactory = _ => fallback };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is var value && value is not (>= 1 and <= 1024))
                result.AddError($"{name}: expected a whole number from 1 to 1024, found {value}");
        });
        return option;
    }
}
