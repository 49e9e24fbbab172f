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

    /// <summary>A text.</summary>
    public string Text(string name) => ((OptionValue.Text)Get(name)).Value;

    /// <summary>A list of values.</summary>
    public IReadOnlyList<OptionValue> List(string name) => ((OptionValue.List)Get(name)).Values;

    /// <summary>A list of texts.</summary>
    public ImmutableArray<string> Texts(string name) => Texts(List(name));

    /// <summary>A list of lists of texts.</summary>
    public ImmutableArray<ImmutableArray<string>> TextLists(string name) =>
        [.. List(name).Select(list => Texts(((OptionValue.List)list).Values))];

    /// <summary>The options with some of them set to other values.</summary>
    public PassOptions With(IReadOnlyDictionary<string, OptionValue> changes) =>
        new([.. Values.Select(pair => KeyValuePair.Create(pair.Key, changes.GetValueOrDefault(pair.Key, pair.Value)))]);

    private static ImmutableArray<string> Texts(IReadOnlyList<OptionValue> values) =>
        [.. values.Select(value => ((OptionValue.Text)value).Value)];

    private OptionValue Get(string name) => Values.First(pair => pair.Key == name).Value;
}
