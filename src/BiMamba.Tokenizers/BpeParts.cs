using BiMamba.Tokenizers.AddedTokens;
using BiMamba.Tokenizers.Models;
using BiMamba.Tokenizers.Normalizers;
using BiMamba.Tokenizers.PreTokenizers;

namespace BiMamba.Tokenizers;

/// <summary>What a BPE tokenizer consists of, in the order in which a text passes.</summary>
internal sealed record BpeParts
{
    /// <summary>All added tokens.</summary>
    public required IReadOnlyList<AddedToken> AddedTokens { get; init; }

    /// <summary>Finds the added tokens that stand in the text as given.</summary>
    public required AddedTokenMatcher RawTokens { get; init; }

    /// <summary>Changes the text between those.</summary>
    public required NormalizerChain Normalizers { get; init; }

    /// <summary>Finds the added tokens that stand in the changed text.</summary>
    public required AddedTokenMatcher NormalizedTokens { get; init; }

    /// <summary>Splits the rest into words.</summary>
    public required PreTokenizer PreTokenizer { get; init; }

    /// <summary>Words to ids.</summary>
    public required BpeModel Model { get; init; }

    /// <summary>Ids before a text where special tokens are asked for.</summary>
    public required int[] Before { get; init; }

    /// <summary>Ids after a text where special tokens are asked for.</summary>
    public required int[] After { get; init; }

    /// <summary>Ids to bytes.</summary>
    public required TokenTable Tokens { get; init; }

    /// <summary>How many spaces a decode takes away at the start of the text.</summary>
    public required int LeadingSpaces { get; init; }
}
