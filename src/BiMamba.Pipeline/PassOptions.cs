using System.Collections.Immutable;

namespace BiMamba.Pipeline;

/// <summary>The options of one stage: every option of the pass with its value.</summary>
public sealed class PassOptions(ImmutableArray<KeyValuePair<string, OptionValue>> values)
{
    /// <summary>Options in the order of the descriptor.</summary>
    public ImmutableArray<KeyValuePair<string, OptionValue>> Values { get; } = values;

    /// <summary>A whole number.</summary>
    public int Int(string name) => checked((int)((OptionValue.Int)Get(name)).Value);

    /// <summary>A number.</summary>
    public double Float(string name) => Get(name) switch
    {
        OptionValue.Int value => value.Value,
        var value => ((OptionValue.Float)value).Value,
    };

    /// <summary>true or false.</summary>
    public bool Bool(string name) => ((OptionValue.Bool)Get(name)).Value;

    /// <summary>A word.</summary>
    public string Word(string name) => ((OptionValue.Word)Get(name)).Value;

    private OptionValue Get(string name) => Values.First(pair => pair.Key == name).Value;
}
