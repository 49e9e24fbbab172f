using BiMamba.Runtime;

namespace BiMamba.CommandLine;

/// <summary>The words of options and reports for how a model is run.</summary>
internal static class RuntimeWords
{
    /// <summary><see cref="Runtime.Engine.Fast"/>.</summary>
    public const string Fast = "fast";

    /// <summary><see cref="Runtime.Engine.Reference"/>.</summary>
    public const string Reference = "reference";

    /// <summary><see cref="StateType.F32"/>.</summary>
    public const string F32 = "f32";

    /// <summary><see cref="StateType.BF16"/>.</summary>
    public const string BF16 = "bf16";

    /// <summary>The engine of a word.</summary>
    public static Engine Engine(string word) => word == Fast ? Runtime.Engine.Fast : Runtime.Engine.Reference;

    /// <summary>The element type of a word.</summary>
    public static StateType State(string word) => word == F32 ? StateType.F32 : StateType.BF16;

    /// <summary>The word of an engine.</summary>
    public static string Of(Engine engine) => engine == Runtime.Engine.Fast ? Fast : Reference;

    /// <summary>The word of an element type.</summary>
    public static string Of(StateType type) => type == StateType.F32 ? F32 : BF16;
}
