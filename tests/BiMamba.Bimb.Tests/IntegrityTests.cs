using System.Globalization;
using BiMamba.Diagnostics;
using BiMamba.Formats.Bimb;
using BiMamba.IR;
using BiMamba.Tensors;
using BiMamba.Testing;
using Module = BiMamba.IR.Module;
using ValueType = BiMamba.IR.ValueType;

namespace BiMamba.Bimb.Tests;

/// <summary>
/// One turned bit of a file is found, wherever it is. In the head it can be anything, a signature as well as an offset;
/// behind it the hashes tell that the file is not what was written. Only zeros between sections and tensors have no hash.
/// </summary>
public sealed class IntegrityTests
{
    [Fact]
    public void One_turned_bit_of_every_byte_of_a_small_file_is_found()
    {
        var good = TinyModel.Write(TinyModel.Content());
        using var file = new TurnedFile(good);
        var random = new Random(20_240_613);
        for (var at = 0; at < good.Length; at++)
            file.Check(at, random.Next(8));
    }

    [Fact]
    public void Ten_thousand_turned_bits_of_a_larger_file_are_found()
    {
        using var file = new TurnedFile(TinyModel.Write(Larger()));
        Assert.InRange(file.Length, 200_000, 400_000);
        var random = new Random(20_240_614);
        for (var i = 0; i < 10_000; i++)
            file.Check(random.Next(file.Length), random.Next(8));
    }

    private static BimbContent Larger()
    {
        const int Rows = 500;
        const int Width = 63;
        var values = Enumerable.Range(0, Rows * Width).Select(i => i % 251 / 8f).ToArray();
        var map = Module.ResourceMap([new("embed.weight", MemoryTensor.Of(values, Shape.Of(Rows, Width))), new("head.weight", MemoryTensor.Of(values, Shape.Of(Rows, Width)))]);
        var embed = new BlockBuilder("embed", new Value("ids", new ValueType(ElementType.I32, ValueType.Tokens)), name => map[name]);
        var rows = embed.Add("x", OpCode.Embedding, [("ids", "ids"), ("weight", "embed.weight")]);
        var head = new BlockBuilder("head", new Value("h", ValueType.Features(Width)), name => map[name]);
        head.Add("logits", OpCode.LmHead, [("x", "h"), ("weight", "head.weight")]);
        return new BimbContent(new Module("larger", Level.Float, [], map, [embed.Return(rows), head.Return("logits")]), "{}", BimbTokenizer.Bytes);
    }

    /// <summary>A file with one bit turned, and turned back.</summary>
    private sealed class TurnedFile : IDisposable
    {
        private readonly TemporaryFolder folder = new();
        private readonly byte[] good;
        private readonly long headEnd;
        private readonly (long Start, long End)[] hashed;

        public TurnedFile(byte[] good)
        {
            this.good = good;
            File.WriteAllBytes(folder["x.bimb"], good);
            using var file = BimbReader.Open(folder["x.bimb"], new DiagnosticBag())!;
            var root = file.Tree.Root;
            headEnd = root["head_sha256"].Offset + root["head_sha256"].Size;
            hashed = [.. ((string[])["module", "recipe", "tokenizer", "table"]).Select(name => (root[name].Offset, root[name].Offset + root[name].Size)), .. file.Rows.Select(row => (row.Offset, row.Offset + row.Size))];
        }

        public int Length => good.Length;

        public void Check(int at, int bit)
        {
            Write(at, (byte)(good[at] ^ (1 << bit)));
            var bag = new DiagnosticBag();
            using (var file = BimbReader.Open(folder["x.bimb"], bag))
            {
                Assert.Equal(file is null, bag.HasErrors);
                if (file is not null)
                    BimbVerifier.VerifyHashes(file, bag);
            }

            var where = string.Create(CultureInfo.InvariantCulture, $"byte {at}, bit {bit}: exit code {(int)bag.ExitCode}");
            if (at < headEnd)
                Assert.True(bag.ExitCode is ExitCode.Malformed or ExitCode.Unsupported or ExitCode.VerificationFailed, where);
            else if (hashed.Any(range => at >= range.Start && at < range.End))
                Assert.True(bag.ExitCode == ExitCode.VerificationFailed, where);
            else
                Assert.True(bag.ExitCode == ExitCode.Malformed, where);
            Write(at, good[at]);
        }

        public void Dispose() => folder.Dispose();

        private void Write(int at, byte value)
        {
            using var stream = File.OpenWrite(folder["x.bimb"]);
            stream.Position = at;
            stream.WriteByte(value);
        }
    }
}
