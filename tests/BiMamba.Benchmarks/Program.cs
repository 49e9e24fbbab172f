using System.CommandLine;
using BiMamba.Benchmarks.Denormals;
using BiMamba.Benchmarks.Document;
using BiMamba.Benchmarks.Kernels;
using BiMamba.Benchmarks.Table;
using BiMamba.Benchmarks.Tokenizers;

namespace BiMamba.Benchmarks;

/// <summary>The entry point.</summary>
internal static class Program
{
    private static int Main(string[] args)
    {
        System.Globalization.CultureInfo.CurrentCulture = System.Globalization.CultureInfo.InvariantCulture;
        var root = new RootCommand("Measures kernels, tokenizers and whole models, and writes docs/PERFORMANCE.md.") { Kernels(), Tokenizers(), Denormals(), Table(), Render() };
        try
        {
            return root.Parse(args).Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
        }
        catch (Exception e) when (e is ChildFailedException or IOException or System.Text.Json.JsonException)
        {
            Console.Error.WriteLine(e.Message);
            return 1;
        }
    }

    private static Command Kernels()
    {
        var filter = new Argument<string>("filter") { Description = "A part of the names to run.", DefaultValueFactory = _ => "" };
        var command = new Command("kernels", "Measures the kernels on one thread.") { filter };
        command.SetAction(result => KernelRun.Run(result.GetRequiredValue(filter)));
        return command;
    }

    private static Command Tokenizers()
    {
        var tokenizers = new Argument<string[]>("tokenizers") { Description = "Files tokenizer.json.", Arity = ArgumentArity.OneOrMore };
        var text = new Option<string>("--text") { Description = "A text in UTF-8, a megabyte or more.", Required = true };
        var repeat = new Option<int>("--repeat") { Description = "How often the text is encoded after the first time.", DefaultValueFactory = _ => 9 };
        var command = new Command("tokenizers", "Measures how fast tokenizers encode a text on one thread.") { tokenizers, text, repeat };
        command.SetAction(result => TokenizerRun.Run(result.GetRequiredValue(tokenizers), result.GetValue(text)!, Math.Max(1, result.GetValue(repeat))));
        return command;
    }

    private static Command Denormals()
    {
        var command = new Command("denormals", "Measures what subnormal weights, activations and states cost, on one thread.");
        command.SetAction(_ => DenormalRun.Run());
        return command;
    }

    private static Command Table()
    {
        var sizes = new Option<string>("--sizes") { Description = "Official sizes, smallest first.", DefaultValueFactory = _ => "130m,780m,1.3b,2.7b" };
        var llama = new Option<string>("--llama") { Description = "A folder in which llama/package.json is installed, auto to install it into the work folder, or none.", DefaultValueFactory = _ => "auto" };
        var output = Output();
        var work = new Option<string>("--work") { Description = "A folder for models; 15 GB at 2.7b.", DefaultValueFactory = _ => Path.Combine(Path.GetTempPath(), "bimamba-table") };
        var commandPath = new Option<string>("--command") { Description = "bimambac.dll.", DefaultValueFactory = _ => Path.Combine(FindRoot(), "src", "bimambac", "bin", "Release", "net10.0", "bimambac.dll") };
        var threads = new Option<int>("--threads") { Description = "Threads of all programs.", DefaultValueFactory = _ => Environment.ProcessorCount };
        var quick = new Option<bool>("--quick") { Description = "One round, to try the run itself." };
        var command = new Command("table", "Measures models beside llama.cpp and writes the document.") { sizes, llama, output, work, commandPath, threads, quick };
        command.SetAction(result =>
        {
            var options = new TableOptions(
                result.GetValue(sizes)!.Split(','), result.GetValue(llama)!, result.GetValue(output)!, Path.GetFullPath(result.GetValue(work)!), Path.GetFullPath(result.GetValue(commandPath)!), FindRoot(),
                result.GetValue(threads), result.GetValue(quick));
            if (!File.Exists(options.Command))
                throw new FileNotFoundException($"{options.Command} is not there: build src/bimambac in Release first");
            DocumentFiles.Write(new TableRun(options).Run(), options.Output);
        });
        return command;
    }

    private static Command Render()
    {
        var results = new Argument<string>("results") { Description = "results.json of a table." };
        var output = Output();
        var command = new Command("render", "Writes the document of stored results.") { results, output };
        command.SetAction(parsed => DocumentFiles.Write(DocumentFiles.Read(parsed.GetRequiredValue(results)), parsed.GetValue(output)!));
        return command;
    }

    private static Option<string> Output() => new("--out") { Description = "The folder of PERFORMANCE.md.", DefaultValueFactory = _ => Path.Combine(FindRoot(), "docs") };

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "BiMamba.Toolchain.sln")))
                return folder.FullName;
        }

        return Environment.CurrentDirectory;
    }
}
