using System.Collections.Immutable;
using BiMamba.Diagnostics;
using BiMamba.IR;
using BiMamba.Pipeline;
using BiMamba.Tensors;
using BiMamba.Toolchain.Journal;

namespace BiMamba.CommandLine.Tests;

/// <summary>The files of a journal: what is written is read, and nothing else is.</summary>
public sealed class JournalArchiveTests(RecordedBlock recorded) : IClassFixture<RecordedBlock>, IDisposable
{
    private readonly Workplace place = new();

    [Fact]
    public void A_block_is_read_as_it_was_written()
    {
        var read = BlockArchive.Read(Written(), "key", out _)!;
        Assert.Equal(Print(recorded.Block), Print(read));
        Assert.Equal(recorded.Block.Measurements, read.Measurements);
        Assert.Equal(recorded.Block.Diagnostics, read.Diagnostics);
        Assert.Contains(read.Diagnostics, item => item.Id == "BIM2115");
        Assert.Contains(read.Measurements, item => item.Measure == "loss");
        Assert.Null(BlockFit.Reject(read, recorded.Before, recorded.Index));
    }

    [Fact]
    public void A_state_is_read_as_it_was_written()
    {
        var read = StateArchive.Read(WrittenState(), "key", recorded.State.Block, out _)!;
        Assert.Equal(recorded.State.Block, read.Block);
        Assert.Equal(recorded.State.Samples.Count, read.Samples.Count);
        Assert.All(recorded.State.Samples.Zip(read.Samples), pair => Assert.Equal(pair.First.Select(BitConverter.SingleToInt32Bits), pair.Second.Select(BitConverter.SingleToInt32Bits)));
    }

    [Fact]
    public void A_file_of_another_run_or_block_is_not_taken()
    {
        Assert.Null(BlockArchive.Read(Written(), "other key", out var reason));
        Assert.Contains("another SHA-256", reason, StringComparison.Ordinal);
        Assert.Null(StateArchive.Read(WrittenState(), "other key", recorded.State.Block, out _));
        File.Copy(place["state"], place["block"], overwrite: true);
        Assert.Null(BlockArchive.Read(place["block"], "key", out _));
    }

    [Fact]
    public void A_truncated_file_is_not_taken()
    {
        var whole = File.ReadAllBytes(Written());
        foreach (var length in (int[])[0, 1, 7, 8, 9, 100, 1000, whole.Length / 2, whole.Length - 1])
        {
            place.Write("block", whole[..length]);
            Assert.Null(BlockArchive.Read(place["block"], "key", out var reason));
            Assert.False(string.IsNullOrEmpty(reason));
        }

        place.Write("block", [.. whole, 0]);
        Assert.Null(BlockArchive.Read(place["block"], "key", out _));
    }

    [Fact]
    public void A_file_with_one_bit_turned_is_not_taken()
    {
        foreach (var file in (string[])[Written(), WrittenState()])
        {
            var whole = File.ReadAllBytes(file);
            var header = BitConverter.ToInt32(whole) + 8;
            int[] places = [.. Enumerable.Range(0, 8), .. Enumerable.Range(0, 60).Select(i => 8 + (i * (header - 8) / 60)), header - 1, header, header + ((whole.Length - header) / 3), whole.Length - 1];
            foreach (var at in places)
            {
                var changed = whole.ToArray();
                changed[at] ^= 1;
                place.Write("changed", changed);
                Assert.True(BlockArchive.Read(place["changed"], "key", out _) is null && StateArchive.Read(place["changed"], "key", recorded.State.Block, out _) is null, $"byte {at} of {file}");
            }
        }
    }

    [Fact]
    public void A_block_that_does_not_fit_is_refused()
    {
        var block = recorded.Block;
        Refused("expected the block", block with { Block = block.Block with { Name = "layers.7" } });
        Refused("expected %", block with { Block = block.Block with { Body = block.Block.Body.RemoveAt(0) } });
        Refused("", block with { Block = block.Block with { Body = block.Block.Body.RemoveAt(block.Block.Body.Length - 1) } });
        Refused("does not exist", block with { Resources = block.Resources.RemoveAt(0) });
        Refused("is there already", block with { Resources = block.Resources.Add(recorded.Before.Resources.Values.First()) });
        Refused("bits: expected 1 to 8", WithLinear(op => op.With(Attributes.CodeBits, new AttributeValue.Int(9))));
        Refused("expected (", WithLinear(op => op.Without("scale")));
    }

    [Fact]
    public void Numbers_that_kernels_trust_are_looked_at()
    {
        Refused("expected codes of 4 bits", WithBytes(".codes", bytes => bytes[^1] = 16));
        Refused("expected every column once", WithBytes(".order", bytes => bytes[^1] = 0x7f));
        Refused("expected [", WithShape(".scale"));
    }

    [Fact]
    public void What_differs_between_keys_is_said()
    {
        var key = new JournalKey([new("pipeline", "gptq"), new("nsamples", "4"), new("windows", "0a"), new("seed", "1")]);
        var other = new JournalKey([new("pipeline", "gptq"), new("nsamples", "8"), new("windows", "0b")]);
        Assert.Equal("nsamples (here 4, there 8), windows, seed", key.Differences(other));
        Assert.NotEqual(key.Hash, other.Hash);
        Assert.NotEqual(new JournalKey([new("a", "bc")]).Hash, new JournalKey([new("ab", "c")]).Hash);
    }

    /// <inheritdoc/>
    public void Dispose() => place.Dispose();

    private string Written()
    {
        var bag = new DiagnosticBag();
        Assert.True(BlockArchive.Write(place["block"], "key", recorded.Block, bag, TestContext.Current.CancellationToken), string.Join('\n', bag.Items));
        return place["block"];
    }

    private string WrittenState()
    {
        var bag = new DiagnosticBag();
        Assert.True(StateArchive.Write(place["state"], "key", recorded.State, bag, TestContext.Current.CancellationToken), string.Join('\n', bag.Items));
        return place["state"];
    }

    private void Refused(string reason, FinishedBlock changed)
    {
        var found = BlockFit.Reject(changed, recorded.Before, recorded.Index);
        Assert.NotNull(found);
        Assert.Contains(reason, found, StringComparison.Ordinal);
    }

    private FinishedBlock WithLinear(Func<Op, Op> change)
    {
        var op = recorded.Block.Block.Body.First(candidate => candidate.Code == OpCode.CodeLinear);
        return recorded.Block with { Block = recorded.Block.Block with { Body = recorded.Block.Block.Body.Replace(op, change(op)) } };
    }

    private FinishedBlock WithBytes(string ending, Action<byte[]> change) => WithResource(ending, old =>
    {
        var bytes = old.Data.ToBytes();
        change(bytes);
        return new Resource(old.Name, old.Encoding, old.Shape, new MemoryTensor(bytes, old.Data.Type, old.Data.Shape));
    });

    private FinishedBlock WithShape(string ending) => WithResource(ending, old => new Resource(old.Name, new MemoryTensor(old.Data.ToBytes(), old.Data.Type, Shape.Of(old.Shape.Count))));

    private FinishedBlock WithResource(string ending, Func<Resource, Resource> change)
    {
        var old = recorded.Block.Resources.First(resource => resource.Name.EndsWith(ending, StringComparison.Ordinal));
        return recorded.Block with { Resources = recorded.Block.Resources.Replace(old, change(old)) };
    }

    private static string Print(FinishedBlock finished) =>
        IrPrinter.Print(new Module("m", Level.Quant, ImmutableArray<KeyValuePair<string, AttributeValue>>.Empty, Module.ResourceMap(finished.Resources), [finished.Block]));
}
