namespace BiMamba.Tokenizers.Decoders;

/// <summary>
/// The characters by which byte-level vocabularies write bytes: printable Latin-1 characters stand for themselves, the
/// other 68 bytes, in order, for U+0100 and up.
/// </summary>
public static class ByteAlphabet
{
    private const int Size = 256 + 68;

    private static readonly short[] Bytes = MakeBytes();

    /// <summary>The byte of a character, or -1.</summary>
    public static int ByteOf(char c) => c < Size ? Bytes[c] : -1;

    /// <summary>The character of a byte.</summary>
    public static char CharacterOf(byte value) => (char)Array.IndexOf(Bytes, value);

    /// <summary>The bytes of a token, or null where a character stands for no byte.</summary>
    public static byte[]? TryDecode(string token)
    {
        var bytes = new byte[token.Length];
        for (var i = 0; i < bytes.Length; i++)
        {
            var b = ByteOf(token[i]);
            if (b < 0)
                return null;
            bytes[i] = (byte)b;
        }

        return bytes;
    }

    private static bool IsItself(int b) => b is (>= 0x21 and <= 0x7E) or (>= 0xA1 and <= 0xAC) or (>= 0xAE and <= 0xFF);

    private static short[] MakeBytes()
    {
        var bytes = new short[Size];
        Array.Fill(bytes, (short)-1);
        var moved = 256;
        for (var b = 0; b < 256; b++)
            bytes[IsItself(b) ? b : moved++] = (short)b;
        return bytes;
    }
}
