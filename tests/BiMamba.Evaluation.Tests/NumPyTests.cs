using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;

namespace BiMamba.Evaluation.Tests;

/// <summary>Token ids in NumPy files.</summary>
public sealed class NumPyTests
{
    public static TheoryData<string> Types => ["|i1", "|u1", "<i1", "<u1", "<i2", "<u2", "<i4", "<u4", "<i8", "<u8"];

    public static MatrixTheoryData<string, int> TypesAndVersions => new(Types.Select(row => row.Data), [1, 2, 3]);

    [Theory]
    [MemberData(nameof(TypesAndVersions))]
    public void Every_integer_type_and_version_is_read(string type, int version)
    {
        var largest = type[2] == '1' ? (type[1] == 'i' ? 127 : 255) : type[2] == '2' ? (type[1] == 'i' ? 32767 : 65535) : int.MaxValue;
        Assert.Equal([0, 1, 100, largest], Parse(NumPyBytes.File(type, [0, 1, 100, largest], (byte)version)));
    }

    [Fact]
    public void The_literal_bytes_of_numpy_save_are_read()
    {
        // numpy.save of numpy.array([5, 300], '<u2'), version 1.0.
        byte[] file =
        [
            0x93, .. "NUMPY"u8, 1, 0, 0x76, 0,
            .. "{'descr': '<u2', 'fortran_order': False, 'shape': (2,), }"u8,
            .. Enumerable.Repeat((byte)' ', 0x76 - 57 - 1),
            (byte)'\n', 5, 0, 44, 1,
        ];
        Assert.Equal([5, 300], Parse(file));
    }

    [Fact]
    public void No_ids_are_no_error() => Assert.Empty(Parse(NumPyBytes.File("<i4", [])));

    [Theory]
    [InlineData(">i4", "(2,)", false)]
    [InlineData(">u2", "(2,)", false)]
    [InlineData("<i4", "(1, 2)", false)]
    [InlineData("<i4", "(2, 1)", false)]
    [InlineData("<i4", "()", false)]
    [InlineData("<i4", "(2,)", true)]
    [InlineData("<f4", "(2,)", false)]
    [InlineData("<f8", "(2,)", false)]
    [InlineData("|b1", "(2,)", false)]
    [InlineData("|O", "(2,)", false)]
    [InlineData("<i3", "(2,)", false)]
    [InlineData("<i4", "(-2,)", false)]
    [InlineData("<i4", "(99999999999999999999,)", false)]
    public void Other_arrays_are_refused(string type, string shape, bool isFortran)
    {
        var error = Refused(NumPyBytes.Raw(NumPyBytes.Header(type, shape, isFortran), new byte[8]));
        Assert.Contains("one dimension of little-endian integers in C order", error.Message, StringComparison.Ordinal);
        Assert.Contains(type, error.Message, StringComparison.Ordinal);
        Assert.Equal(10, error.Place.Offset);
        Assert.NotNull(error.Hint);
    }

    [Theory]
    [InlineData("{'descr': '<i4'}")]
    [InlineData("")]
    [InlineData("__import__('os').system('true')")]
    [InlineData("{'descr': '<i4', 'fortran_order': False, 'shape': (2,), } + 1")]
    public void Other_headers_are_refused(string header) => Refused(NumPyBytes.Raw(header, new byte[8]));

    [Fact]
    public void Every_shorter_file_is_refused()
    {
        var file = NumPyBytes.File("<i4", [1, 2, 3]);
        for (var length = 6; length < file.Length; length++)
            Refused(file[..length]);
    }

    [Fact]
    public void Bytes_after_the_last_id_are_refused()
    {
        var error = Refused([.. NumPyBytes.File("<i4", [1, 2]), 0]);
        Assert.Contains("expected 2 integers of 4 bytes, found 9 bytes", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("(4294967296,)")]
    [InlineData("(9999999999,)")]
    [InlineData("(1073741824,)")]
    public void A_count_beyond_the_file_allocates_nothing(string shape) =>
        Refused(NumPyBytes.Raw(NumPyBytes.Header("<i4", shape), new byte[8]));

    [Theory]
    [InlineData(0)]
    [InlineData(4)]
    [InlineData(255)]
    public void Other_versions_are_refused(int version)
    {
        var file = NumPyBytes.File("<i4", [1]);
        file[6] = (byte)version;
        var error = Refused(file);
        Assert.Equal(6, error.Place.Offset);
        Assert.Contains($"found {version}.0", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_long_header_is_refused_at_once()
    {
        var error = Refused(NumPyBytes.Raw(new string(' ', 20_000_000), [], version: 2));
        Assert.Contains("at most 10000 bytes", error.Message, StringComparison.Ordinal);
        error = Refused(NumPyBytes.Raw(new string('x', 9000), [], version: 2));
        Assert.InRange(error.Message.Length, 1, 400);
    }

    [Fact]
    public void A_header_cannot_steer_the_terminal() =>
        Assert.DoesNotContain('\e', Refused(NumPyBytes.Raw("\e[2J", [])).Message);

    [Theory]
    [InlineData("|i1", -1, "-1")]
    [InlineData("<i2", -1, "-1")]
    [InlineData("<i4", int.MinValue, "-2147483648")]
    [InlineData("<u4", 1L << 31, "2147483648")]
    [InlineData("<i8", long.MinValue, "-9223372036854775808")]
    [InlineData("<i8", 1L << 31, "2147483648")]
    [InlineData("<u8", -1, "18446744073709551615")]
    public void Negative_and_large_ids_are_refused(string type, long value, string shown)
    {
        var file = NumPyBytes.File(type, [7, value]);
        var error = Refused(file);
        Assert.EndsWith("found " + shown, error.Message, StringComparison.Ordinal);
        Assert.Equal(file.Length - (type[2] - '0'), error.Place.Offset);
    }

    [Fact]
    public void Changed_bytes_are_read_or_refused()
    {
        var random = new Random(4);
        for (var round = 0; round < 5000; round++)
        {
            var file = NumPyBytes.File("<i2", [1, 2, 3, 4], (byte)random.Next(1, 4));
            for (var change = random.Next(1, 4); change > 0; change--)
                file[random.Next(6, file.Length)] = (byte)random.Next(256);
            var bag = new DiagnosticBag();
            Assert.Equal(TokenIdFile.Parse("x.npy", file, 256, bag) is null, bag.HasErrors);
        }
    }

    private static int[] Parse(byte[] file)
    {
        var bag = new DiagnosticBag();
        var ids = TokenIdFile.Parse("x.npy", file, 256, bag);
        Assert.True(ids is not null, string.Join('\n', bag.Items));
        return ids;
    }

    private static Diagnostic Refused(byte[] file)
    {
        var bag = new DiagnosticBag();
        Assert.Null(TokenIdFile.Parse("x.npy", file, 256, bag));
        var error = Assert.Single(bag.Items);
        Assert.Same(RuntimeDiagnostics.TokenFile, error.Descriptor);
        Assert.Equal("x.npy", error.Place.File);
        return error;
    }
}
