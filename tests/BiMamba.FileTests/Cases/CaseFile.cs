namespace BiMamba.FileTests.Cases;

/// <summary>One line of a case file.</summary>
/// <param name="Number">Its number, from 1.</param>
/// <param name="Text">Its text, without the line end.</param>
internal readonly record struct CaseLine(int Number, string Text);

/// <summary>One part of a case file: what comes in or what is run.</summary>
/// <param name="Source">The lines as they stand in the file; those of a command without its expectation.</param>
internal abstract record CaseStep(IReadOnlyList<CaseLine> Source)
{
    /// <summary>The number of the first line.</summary>
    public int Line => Source[0].Number;
}

/// <summary>The sentence at the top.</summary>
internal sealed record CaseHead(IReadOnlyList<CaseLine> Source) : CaseStep(Source);

/// <summary>An input: <c>-- word arguments --</c> and the lines below it.</summary>
/// <param name="Source">All its lines.</param>
/// <param name="Word">What kind of input it is.</param>
/// <param name="Arguments">The words behind it.</param>
/// <param name="Body">The lines below, without the blank lines at the end.</param>
internal sealed record CaseInput(IReadOnlyList<CaseLine> Source, string Word, IReadOnlyList<string> Arguments, IReadOnlyList<CaseLine> Body) : CaseStep(Source);

/// <summary>A command: <c>$ bimambac ...</c> and what is expected of it.</summary>
/// <param name="Source">The one line of the command.</param>
/// <param name="Arguments">The words behind the dollar sign.</param>
/// <param name="MayPrint">True where a failure may leave text on stdout: <c>exit N, with output</c>.</param>
/// <param name="MayWrite">True where a failure may leave files behind: <c>exit N, with files</c>.</param>
internal sealed record CaseCommand(IReadOnlyList<CaseLine> Source, IReadOnlyList<string> Arguments, bool MayPrint, bool MayWrite) : CaseStep(Source);

/// <summary>A golden case: inputs, commands and what is expected of them, in one file.</summary>
/// <param name="Steps">The parts in order.</param>
internal sealed record CaseFile(IReadOnlyList<CaseStep> Steps);
