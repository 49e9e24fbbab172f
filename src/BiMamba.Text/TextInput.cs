using Sprache;

namespace BiMamba.Text;

/// <summary>
/// A position in a text, as Sprache sees it. Unlike Sprache's own input it allocates no dictionary a character and
/// can advance by a whole token at once.
/// </summary>
internal sealed class TextInput(ParseState state, int position) : IInput
{
    private Dictionary<object, object>? memos;

    /// <summary>The run that this input belongs to.</summary>
    public ParseState State { get; } = state;

    /// <inheritdoc/>
    public string Source => State.Text.Content;

    /// <inheritdoc/>
    public char Current => Source[Position];

    /// <inheritdoc/>
    public bool AtEnd => Position == Source.Length;

    /// <inheritdoc/>
    public int Position { get; } = position;

    /// <inheritdoc/>
    public int Line => State.Text.LineColumn(Position).Line;

    /// <inheritdoc/>
    public int Column => State.Text.LineColumn(Position).Column;

    /// <inheritdoc/>
    public IDictionary<object, object> Memos => memos ??= [];

    /// <inheritdoc/>
    public IInput Advance() => new TextInput(State, Position + 1);

    /// <inheritdoc/>
    public bool Equals(IInput? other) => other is TextInput input && input.Position == Position && ReferenceEquals(input.State, State);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as IInput);

    /// <inheritdoc/>
    public override int GetHashCode() => Position;
}
