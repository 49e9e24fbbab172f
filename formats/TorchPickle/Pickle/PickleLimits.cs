using BiMamba.Formats.TorchPickle.Zip;

namespace BiMamba.Formats.TorchPickle.Pickle;

/// <summary>Limits of a pickle, some ten times what the largest checkpoint needs.</summary>
internal static class PickleLimits
{
    /// <summary>Bytes of the pickle.</summary>
    public const int Bytes = 64 << 20;

    /// <summary>Instructions.</summary>
    public const int Instructions = 4_000_000;

    /// <summary>Values on the stack.</summary>
    public const int Stack = 1_000_000;

    /// <summary>Values in the memo.</summary>
    public const int Memo = 2_000_000;

    /// <summary>Bytes of one string.</summary>
    public const int TextBytes = 1 << 20;

    /// <summary>Bytes of the module or the name of a global.</summary>
    public const int GlobalBytes = 256;

    /// <summary>Characters of the name of a storage's record, which no name in the archive exceeds.</summary>
    public const int KeyCharacters = ZipDirectory.MaxNameBytes;

    /// <summary>Highest protocol.</summary>
    public const int Protocol = 5;
}
