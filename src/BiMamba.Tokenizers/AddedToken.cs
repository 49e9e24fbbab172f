namespace BiMamba.Tokenizers;

/// <summary>A token that is found in the text as it stands, before any splitting, and that no merge makes.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Content">Its text.</param>
/// <param name="Special">True for control tokens: a decode may leave them out.</param>
/// <param name="SingleWord">Matches only where no word character stands directly before or after.</param>
/// <param name="LeftStrip">White space directly before belongs to the token.</param>
/// <param name="RightStrip">White space directly after belongs to the token.</param>
/// <param name="Normalized">Is looked for in the normalized text; otherwise in the text as given.</param>
public sealed record AddedToken(
    int Id,
    string Content,
    bool Special = false,
    bool SingleWord = false,
    bool LeftStrip = false,
    bool RightStrip = false,
    bool Normalized = false);
