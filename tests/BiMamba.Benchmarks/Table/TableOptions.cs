namespace BiMamba.Benchmarks.Table;

/// <summary>What the table is made of.</summary>
/// <param name="Sizes">Words of official sizes, smallest first.</param>
/// <param name="Llama">A folder in which node-llama-cpp is installed, <c>auto</c> to install it, or <c>none</c>.</param>
/// <param name="Output">The folder of PERFORMANCE.md.</param>
/// <param name="Work">A folder for models; they are deleted, the installation of llama.cpp stays.</param>
/// <param name="Command">The assembly of the command line.</param>
/// <param name="Root">The root of the repository.</param>
/// <param name="Threads">Threads of all programs.</param>
/// <param name="IsQuick">True for a few repetitions, to try the run itself.</param>
internal sealed record TableOptions(IReadOnlyList<string> Sizes, string Llama, string Output, string Work, string Command, string Root, int Threads, bool IsQuick)
{
    /// <summary>Types of llama.cpp that have a projection of few bits.</summary>
    public static IReadOnlyList<string> LlamaTypes { get; } = ["q1_0", "tq2_0", "q4_0"];

    /// <summary>How often every program is started.</summary>
    public int Rounds => IsQuick ? 1 : 3;

    /// <summary>Repetitions in a process.</summary>
    public int Repetitions => IsQuick ? 1 : 3;

    /// <summary>Repetitions in a process of llama.cpp: a prompt takes it up to a minute with large models.</summary>
    public int LlamaRepetitions(string size) => size is "130m" or "370m" ? Repetitions : 1;

    /// <summary>Tokens of the prompt.</summary>
    public int Prompt => 512;

    /// <summary>Tokens that are decoded.</summary>
    public int Generate => IsQuick ? 16 : 32;

    /// <summary>Contexts of the growth.</summary>
    public IReadOnlyList<int> Contexts { get; } = IsQuick ? [256, 1024] : [1024, 2048, 4096, 8192, 16384, 32768, 65536];
}
