namespace BiMamba.Frontend.Gguf;

/// <summary>
/// The merges of a vocabulary that has scores instead: SentencePiece joins the two neighbours that make the token of the
/// highest score, which is a merge for every way to cut a token into two others.
/// </summary>
/// <remarks>The order of merges that make one token is that of the conversion of transformers (SentencePieceExtractor): the longer first part first.</remarks>
internal static class ScoredMerges
{
    /// <summary>The merges by rank.</summary>
    /// <param name="tokens">The tokens by id.</param>
    /// <param name="types">Their types; only normal tokens are made and joined.</param>
    /// <param name="scores">Their scores.</param>
    public static IReadOnlyList<(string Left, string Right)> Of(string[] tokens, GgufTokenType[] types, double[] scores)
    {
        var normal = new HashSet<string>(tokens.Where((_, id) => types[id] == GgufTokenType.Normal), StringComparer.Ordinal);
        var lookup = normal.GetAlternateLookup<ReadOnlySpan<char>>();
        var merges = new List<(int Id, int Cut)>();
        for (var id = 0; id < tokens.Length; id++)
        {
            if (types[id] != GgufTokenType.Normal)
                continue;
            for (var cut = tokens[id].Length - 1; cut > 0; cut--)
            {
                if (lookup.Contains(tokens[id].AsSpan(0, cut)) && lookup.Contains(tokens[id].AsSpan(cut)))
                    merges.Add((id, cut));
            }
        }

        // OrderByDescending keeps the order of equal scores.
        return [.. merges.OrderByDescending(merge => scores[merge.Id]).Select(merge => (tokens[merge.Id][..merge.Cut], tokens[merge.Id][merge.Cut..]))];
    }
}
