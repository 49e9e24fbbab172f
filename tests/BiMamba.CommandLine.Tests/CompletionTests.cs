using System.Diagnostics;
using BiMamba.CommandLine.Commands;
using BiMamba.CommandLine.Completion;
using BiMamba.Diagnostics;
using BiMamba.Testing;

namespace BiMamba.CommandLine.Tests;

/// <summary>What may stand at the end of a line, and that real shells offer it.</summary>
public sealed class CompletionTests
{
    private static readonly System.CommandLine.RootCommand Root = CommandTable.Create(new CommonOptions(), (_, _, _) => Task.FromResult(0));

    [Fact]
    public void All_commands_follow_the_program()
    {
        Assert.Equal(Root.Subcommands.Select(command => command.Name).Order(StringComparer.Ordinal), Suggestions.Of(Root, "bimambac ").Order(StringComparer.Ordinal));
        Assert.Empty(Suggestions.Of(Root, "bimamb"));
        Assert.Empty(Suggestions.Of(Root, ""));
    }

    [Theory]
    [InlineData("bimambac comp", "compare completions")]
    [InlineData("\"C:\\Program Files\\bimambac.exe\" comp", "compare completions")]
    [InlineData("bimambac completions ", "bash fish powershell zsh")]
    [InlineData("bimambac completions z", "zsh")]
    [InlineData("bimambac convert model --method ", "billm fbi gptq none onebit rtn ternary xnor")]
    [InlineData("bimambac convert model --method g", "gptq")]
    [InlineData("bimambac convert model --method=g", "gptq")]
    [InlineData("bimambac convert model --embedding q", "q4 q8")]
    [InlineData("bimambac eval model --engine ", "fast reference")]
    [InlineData("bimambac eval model --json --quiet --engine r", "reference")]
    [InlineData("bimambac eval model --state ", "bf16 f32")]
    [InlineData("bimambac eval model --prot", "--protocol")]
    [InlineData("bimambac synth --arch bi", "bimamba2")]
    [InlineData("bimambac spec ", "bimb gguf safetensors")]
    [InlineData("bimambac eval ", "")]
    [InlineData("bimambac eval --json ", "")]
    [InlineData("bimambac eval mod", "")]
    [InlineData("bimambac eval model --text ", "")]
    [InlineData("bimambac eval model --text=", "")]
    [InlineData("bimambac eval model --threads ", "")]
    [InlineData("bimambac convert model --method xyz", "")]
    public void Words_are_those_of_the_place(string line, string expected) =>
        Assert.Equal(expected.Split(' ', StringSplitOptions.RemoveEmptyEntries), Suggestions.Of(Root, line).Order(StringComparer.Ordinal));

    [Fact]
    public void Options_are_offered_once_and_where_no_argument_is_left()
    {
        var options = Suggestions.Of(Root, "bimambac inspect model --j");
        Assert.Equal(["--json"], options);
        Assert.DoesNotContain("--json", Suggestions.Of(Root, "bimambac inspect model --json -"));
        Assert.Contains("--quiet", Suggestions.Of(Root, "bimambac inspect model --json "));
        Assert.All(Suggestions.Of(Root, "bimambac inspect model "), word => Assert.Matches("^-", word));
    }

    [Fact]
    public void Every_small_vocabulary_is_offered()
    {
        foreach (var command in Root.Subcommands)
        {
            foreach (var option in command.Options.Where(option => option.CompletionSources.Count > 0 && option.ValueType == typeof(string)))
                Assert.NotEmpty(Suggestions.Of(Root, $"bimambac {command.Name} {option.Name} "));
        }
    }

    [Fact]
    public async Task The_directive_prints_a_word_a_line_up_to_the_cursor()
    {
        Assert.Equal("compare\ncompletions\n", (await Cli.Run("[suggest]", "bimambac comp")).Is(ExitCode.Ok).Output);
        Assert.Equal("convert\n", (await Cli.Run("[suggest:13]", "bimambac conv --method x")).Is(ExitCode.Ok).Output);
        Assert.Equal("", (await Cli.Run("[suggest]")).Is(ExitCode.Ok).Output);
    }

    [Theory]
    [InlineData("bash")]
    [InlineData("zsh")]
    [InlineData("fish")]
    [InlineData("powershell")]
    public async Task A_script_is_all_that_is_printed(string shell)
    {
        var outcome = (await Cli.Run("completions", shell)).Is(ExitCode.Ok);
        Assert.StartsWith("#", outcome.Output, StringComparison.Ordinal);
        Assert.EndsWith("\n", outcome.Output, StringComparison.Ordinal);
        Assert.DoesNotContain('\r', outcome.Output);
        Assert.Equal("", outcome.Error);
    }

    [Fact]
    public async Task A_shell_that_is_not_known_is_a_usage_error() =>
        Assert.Contains("shell: expected one of bash, zsh, fish, powershell, found 'tcsh'", (await Cli.Run("completions", "tcsh")).Is(ExitCode.Usage).Error, StringComparison.Ordinal);

    [Theory]
    [InlineData("bimambac comp", "comp", "compare completions")]
    [InlineData("bimambac convert m --method=gp", "gp", "gptq")]
    [InlineData("bimambac convert m --met", "--met", "--method")]
    [InlineData("bimambac eval ", "", "")]
    public async Task Bash_offers_the_words(string line, string word, string expected)
    {
        using var folder = new ShellFolder("bash");
        var script = $"""
            source <(bimambac completions bash)
            complete -p bimambac
            COMP_LINE={Quote(line)}
            COMP_POINT=${"{#COMP_LINE}"}
            _bimambac bimambac {Quote(word)} before
            echo "${"{COMPREPLY[*]}"}"
            """;
        var output = (await folder.Run("bash", "--norc", "-c", script)).Is(ExitCode.Ok).Output;
        Assert.Equal($"complete -o bashdefault -o default -F _bimambac bimambac\n{expected}\n", output);
    }

    [Theory]
    [InlineData("bimambac comp", "", "compare completions")]
    [InlineData("bimambac convert m --method=gp", "--method=", "gptq")]
    [InlineData("bimambac eval ", "", "files")]
    public async Task Zsh_offers_the_words(string line, string removed, string expected)
    {
        using var folder = new ShellFolder("zsh");
        var word = line[(line.LastIndexOf(' ') + 1)..];
        // The parts of zsh's completion that the script calls.
        var script = $$"""
            compdef() { print "compdef $*" }
            compset() { [[ $PREFIX == --*=* ]] && IPREFIX=${PREFIX%%=*}= && PREFIX=${PREFIX#*=} }
            compadd() { shift; local -a all; all=("$@"); print -- "${(@M)all:#$PREFIX*}" }
            _files() { print files }
            eval "$(bimambac completions zsh)"
            words=({{Quote(line[..^word.Length])}}) words=(${=words} {{Quote(word)}}) CURRENT=$#words PREFIX={{Quote(word)}} IPREFIX=
            _bimambac
            print -- "$IPREFIX"
            """;
        var output = (await folder.Run("zsh", "-f", "-c", script)).Is(ExitCode.Ok).Output;
        Assert.Equal($"compdef _bimambac bimambac\n{expected}\n{removed}\n", output);
    }

    [Theory]
    [InlineData("bimambac comp", "compare completions")]
    [InlineData("bimambac convert m --method=gp", "--method=gptq")]
    [InlineData("bimambac eval mod", "model.bimb")]
    public async Task Fish_offers_the_words(string line, string expected)
    {
        using var folder = new ShellFolder("fish");
        File.WriteAllText(Path.Combine(folder.Path, "model.bimb"), "");
        var output = (await folder.Run("fish", "--no-config", "-c", $"bimambac completions fish | source; complete -C {Quote(line)}")).Is(ExitCode.Ok).Output;
        Assert.Equal(expected.Split(' '), output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(text => text.Split('\t')[0]));
    }

    [Theory]
    [InlineData("bimambac comp", "compare completions")]
    [InlineData("bimambac convert m --method=gp", "--method=gptq")]
    public async Task PowerShell_offers_the_words(string line, string expected)
    {
        using var folder = new ShellFolder("pwsh");
        var script = $"bimambac completions powershell | Out-String | Invoke-Expression; (TabExpansion2 -inputScript {Quote(line)} -cursorColumn {line.Length}).CompletionMatches.CompletionText";
        var output = (await folder.Run("pwsh", "-NoProfile", "-NonInteractive", "-Command", script)).Is(ExitCode.Ok).Output;
        Assert.Equal(expected.Split(' '), output.ReplaceLineEndings("\n").Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    private static string Quote(string text) => $"'{text}'";

    /// <summary>A folder with the command line under its own name; the test is skipped where the shell is not installed.</summary>
    private sealed class ShellFolder : IDisposable
    {
        private readonly TemporaryFolder folder = new();

        public ShellFolder(string shell)
        {
            var isThere = !OperatingSystem.IsWindows() && Environment.GetEnvironmentVariable("PATH")!.Split(':').Any(place => File.Exists(System.IO.Path.Combine(place, shell)));
            Assert.SkipUnless(isThere, $"needs {shell}");
            var program = folder["bimambac"];
            File.WriteAllText(program, $"#!/bin/sh\nexec dotnet '{Child.Assembly}' \"$@\"\n");
            if (!OperatingSystem.IsWindows())
                File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        public string Path => folder.Path;

        public Task<Outcome> Run(string shell, params string[] arguments)
        {
            var info = new ProcessStartInfo(shell, arguments) { WorkingDirectory = folder.Path };
            info.Environment["PATH"] = $"{folder.Path}:{Environment.GetEnvironmentVariable("PATH")}";
            info.Environment["HOME"] = folder.Path;
            return Child.Finish(Child.Start(info));
        }

        public void Dispose() => folder.Dispose();
    }
}
