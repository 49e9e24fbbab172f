namespace BiMamba.Tokenizers.Unicode;

/// <summary>Hangul syllables, which are composed by arithmetic (The Unicode Standard, section 3.12).</summary>
internal static class Hangul
{
    public const int SBase = 0xAC00;
    public const int LBase = 0x1100;
    public const int VBase = 0x1161;
    public const int TBase = 0x11A7;
    public const int LCount = 19;
    public const int VCount = 21;
    public const int TCount = 28;
    public const int SCount = LCount * VCount * TCount;

    /// <summary>True for a precomposed syllable.</summary>
    public static bool IsSyllable(int codePoint) => codePoint is >= SBase and < SBase + SCount;

    /// <summary>The jamo of a syllable; trailing is -1 where there is none.</summary>
    public static (int Leading, int Vowel, int Trailing) Decompose(int syllable)
    {
        var index = syllable - SBase;
        var trailing = index % TCount;
        return (LBase + index / (VCount * TCount), VBase + index / TCount % VCount, trailing == 0 ? -1 : TBase + trailing);
    }

    /// <summary>Leading and vowel, or a syllable without trailing jamo and a trailing one, become one syllable.</summary>
    public static bool TryCompose(int first, int second, out int syllable)
    {
        syllable = -1;
        if (first is >= LBase and < LBase + LCount && second is >= VBase and < VBase + VCount)
            syllable = SBase + ((first - LBase) * VCount + (second - VBase)) * TCount;
        else if (IsSyllable(first) && (first - SBase) % TCount == 0 && second is > TBase and < TBase + TCount)
            syllable = first + (second - TBase);
        return syllable >= 0;
    }
}
