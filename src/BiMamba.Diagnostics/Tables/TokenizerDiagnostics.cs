namespace BiMamba.Diagnostics.Tables;

/// <summary>BIM14xx: tokenizers, <c>tokenizer.json</c> files and token ids.</summary>
public static class TokenizerDiagnostics
{
    /// <summary>The file or its number of JSON values is beyond the cap.</summary>
    public static readonly DiagnosticDescriptor TooLarge =
        DiagnosticDescriptor.Error("BIM1401", ExitCode.Malformed, "A tokenizer.json is larger than any tokenizer needs.");

    /// <summary>The file is not JSON, or a string in it is not Unicode text.</summary>
    public static readonly DiagnosticDescriptor NotJson =
        DiagnosticDescriptor.Error("BIM1402", ExitCode.Malformed, "A tokenizer.json is not well-formed JSON.");

    /// <summary>A field holds a JSON value of another kind than expected.</summary>
    public static readonly DiagnosticDescriptor WrongType =
        DiagnosticDescriptor.Error("BIM1403", ExitCode.Malformed, "A field of a tokenizer.json has the wrong JSON type.");

    /// <summary>A required field is absent.</summary>
    public static readonly DiagnosticDescriptor MissingField =
        DiagnosticDescriptor.Error("BIM1404", ExitCode.Malformed, "A required field of a tokenizer.json is missing.");

    /// <summary>A key occurs twice in one JSON object.</summary>
    public static readonly DiagnosticDescriptor DuplicateKey =
        DiagnosticDescriptor.Error("BIM1405", ExitCode.Malformed, "A key occurs twice in one object of a tokenizer.json.");

    /// <summary>A component or an option is not implemented; leaving it out would change ids or text.</summary>
    public static readonly DiagnosticDescriptor UnsupportedComponent =
        DiagnosticDescriptor.Error("BIM1406", ExitCode.Unsupported, "A component of a tokenizer.json is not supported.");

    /// <summary>An id in the file is negative, not whole or beyond the cap.</summary>
    public static readonly DiagnosticDescriptor BadId =
        DiagnosticDescriptor.Error("BIM1407", ExitCode.Malformed, "An id in a tokenizer.json is out of range.");

    /// <summary>One id names two tokens, or one token has two ids.</summary>
    public static readonly DiagnosticDescriptor DuplicateId =
        DiagnosticDescriptor.Error("BIM1408", ExitCode.Malformed, "An id of a tokenizer.json names two tokens, or a token has two ids.");

    /// <summary>A merge is neither a pair of strings nor two words with one space between.</summary>
    public static readonly DiagnosticDescriptor BadMerge =
        DiagnosticDescriptor.Error("BIM1409", ExitCode.Malformed, "A merge of a tokenizer.json is not a pair of tokens.");

    /// <summary>A merge names or makes a token that the vocabulary lacks.</summary>
    public static readonly DiagnosticDescriptor MergeUnknownToken =
        DiagnosticDescriptor.Error("BIM1410", ExitCode.Malformed, "A merge of a tokenizer.json names or makes a token outside the vocabulary.");

    /// <summary>An added token is empty or too long.</summary>
    public static readonly DiagnosticDescriptor BadAddedToken =
        DiagnosticDescriptor.Error("BIM1411", ExitCode.Malformed, "An added token of a tokenizer.json is empty or too long.");

    /// <summary>A component names a token that the vocabulary lacks.</summary>
    public static readonly DiagnosticDescriptor UnknownToken =
        DiagnosticDescriptor.Error("BIM1412", ExitCode.Malformed, "A component of a tokenizer.json names a token outside the vocabulary.");

    /// <summary>Some bytes have no token, so some texts lose bytes.</summary>
    public static readonly DiagnosticDescriptor IncompleteAlphabet =
        DiagnosticDescriptor.Warning("BIM1413", "A byte-level vocabulary lacks the tokens of some bytes of UTF-8; texts with these bytes do not survive a round trip.");

    /// <summary>Truncation and padding are settings of a data loader, not of a tokenizer.</summary>
    public static readonly DiagnosticDescriptor NotApplied =
        DiagnosticDescriptor.Note("BIM1414", "Truncation and padding stored in a tokenizer.json are not applied.");

    /// <summary>A token id given as input has no token.</summary>
    public static readonly DiagnosticDescriptor IdOutsideVocabulary =
        DiagnosticDescriptor.Error("BIM1415", ExitCode.Malformed, "A token id is outside the vocabulary.");
}
