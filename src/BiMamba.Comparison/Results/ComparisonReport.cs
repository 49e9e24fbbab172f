namespace BiMamba.Comparison.Results;

/// <summary>A comparison as JSON has it and as every report shows it.</summary>
/// <param name="SchemaVersion">Version of this layout.</param>
/// <param name="Tool">Name and version of the tool.</param>
/// <param name="Title">What the comparison is called.</param>
/// <param name="Reference">Name of the row that the others are compared with.</param>
/// <param name="Rows">The models, in the order of the run file; the reference is one of them.</param>
/// <param name="Corpora">The texts, in the order of the run file.</param>
/// <param name="Notes">What a reader has to know beside the numbers, such as tokenizers that differ.</param>
public sealed record ComparisonReport(
    int SchemaVersion, string Tool, string Title, string Reference, IReadOnlyList<ComparisonRow> Rows, IReadOnlyList<ComparisonCorpus> Corpora, IReadOnlyList<string> Notes)
{
    /// <summary>The version that is written.</summary>
    public const int Schema = 1;
}

/// <summary>A text of a comparison.</summary>
/// <param name="Name">Its name in the run file.</param>
/// <param name="File">Name of the file, without its folder.</param>
/// <param name="Sha256">Of the file's bytes, lower-case hexadecimal.</param>
/// <param name="Protocol">Name of the protocol, such as <c>gptq</c>.</param>
/// <param name="Context">Tokens of a window.</param>
public sealed record ComparisonCorpus(string Name, string File, string Sha256, string Protocol, int Context);

/// <summary>A model of a comparison.</summary>
/// <param name="Name">Its name in the run file.</param>
/// <param name="Model">The checkpoint or file, without its folder.</param>
/// <param name="Method">The pipeline that made it from the checkpoint, or null where it was compared as it is.</param>
/// <param name="Training"><c>full</c>, <c>bat</c> (trained in 1 bit) or <c>ptb</c> (made low-bit after training).</param>
/// <param name="Size">What it takes.</param>
/// <param name="Speed">How fast it ran, or null where that was not measured.</param>
/// <param name="Results">One entry for every corpus that was measured, in the order of the corpora.</param>
public sealed record ComparisonRow(
    string Name, string Model, string? Method, string Training, ModelSize Size, ModelSpeed? Speed, IReadOnlyList<CorpusResult> Results);

/// <summary>What a model takes.</summary>
/// <param name="Weights">Weights of all tensors.</param>
/// <param name="FileBytes">Bytes of its file, or of all files of its weights.</param>
/// <param name="BitsPerLinearWeight">Bits a weight of the low-bit linears with everything stored beside them; null for a model without any.</param>
/// <param name="BitsPerWeight">Bits a weight of the whole file.</param>
public sealed record ModelSize(long Weights, long FileBytes, double? BitsPerLinearWeight, double BitsPerWeight);

/// <summary>How fast a model ran on the machine of the comparison.</summary>
/// <param name="DecodeTokensPerSecond">Tokens a second of one sequence.</param>
/// <param name="AnonymousBytes">Memory of its process that is not a file's, while it decodes, or null where the system does not tell.</param>
/// <param name="Threads">Threads.</param>
public sealed record ModelSpeed(double DecodeTokensPerSecond, long? AnonymousBytes, int Threads);

/// <summary>A model on a text.</summary>
/// <param name="Corpus">Name of the corpus.</param>
/// <param name="Windows">Windows that were scored.</param>
/// <param name="Tokens">Tokens that were scored.</param>
/// <param name="Tokenizer">Kind of the tokenizer, or <c>ids</c>.</param>
/// <param name="TokenizerSha256">Hash of the tokenizer, or null for a file of ids.</param>
/// <param name="Engine">The engine, such as <c>reference</c>.</param>
/// <param name="Nll">Mean negative log-likelihood, in nats a token.</param>
/// <param name="Perplexity">exp(<paramref name="Nll"/>).</param>
/// <param name="BitsPerByte">Bits a byte of text, or null for a file of ids.</param>
/// <param name="Versus">Against the reference on the same windows; null for the reference itself.</param>
/// <param name="Positions">Mean negative log-likelihood by position in the window, ascending, together all scored positions.</param>
public sealed record CorpusResult(
    string Corpus, int Windows, long Tokens, string Tokenizer, string? TokenizerSha256, string Engine, double Nll, double Perplexity, double? BitsPerByte,
    VersusReference? Versus, IReadOnlyList<PositionMean> Positions);

/// <summary>Scored positions of a window.</summary>
/// <param name="From">The first position, counted from 0: the token at it is predicted from those before.</param>
/// <param name="To">The position behind the last.</param>
/// <param name="Nll">Mean negative log-likelihood of the tokens there, in nats.</param>
public sealed record PositionMean(int From, int To, double Nll);

/// <summary>A model against the reference.</summary>
/// <param name="Refusal">Why there is nothing to compare, such as another tokenizer; null where there is, and then all that follows is set.</param>
/// <param name="Kl">Mean KL divergence from the reference, in nats a token.</param>
/// <param name="KlStandardError">Its standard error over windows, or null for one window.</param>
/// <param name="TopAgreement">Share of tokens whose most likely next token is the same, 0 to 1.</param>
/// <param name="NllDifference">Of the mean negative log-likelihood, in nats a token; positive where the model is worse.</param>
/// <param name="BitsPerByteDifference">The same in bits a byte, or null for a file of ids.</param>
/// <param name="Blocks">Relative error of every block's output, in the order of the model.</param>
public sealed record VersusReference(
    string? Refusal, double? Kl, double? KlStandardError, double? TopAgreement, Interval? NllDifference, Interval? BitsPerByteDifference, IReadOnlyList<BlockDifference> Blocks);

/// <summary>A confidence interval.</summary>
/// <param name="Estimate">The value measured.</param>
/// <param name="Low">Lower end.</param>
/// <param name="High">Upper end.</param>
public sealed record Interval(double Estimate, double Low, double High);

/// <summary>How far the output of a block is from the reference's.</summary>
/// <param name="Block">Name of the block.</param>
/// <param name="RelativeError">Root of the summed squared differences over that of the reference.</param>
public sealed record BlockDifference(string Block, double RelativeError);
