namespace BiMamba.Runtime;

/// <summary>One sequence of a batch: where it stands and the tokens that follow.</summary>
/// <param name="State">Its state, moved on by the run.</param>
/// <param name="Tokens">Ids, each in 0 .. <see cref="ModelRunner.VocabularyRows"/>.</param>
public readonly record struct Sequence(ModelState State, ReadOnlyMemory<int> Tokens);
