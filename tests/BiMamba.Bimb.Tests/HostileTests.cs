using BiMamba.Diagnostics;
using BiMamba.Formats.Bimb;
using BiMamba.Formats.Spec;

namespace BiMamba.Bimb.Tests;

public sealed class HostileTests
{
    private static readonly byte[] Good = TinyModel.Write(TinyModel.Content());

    [Fact]
    public void A_file_that_is_cut_anywhere_is_malformed()
    {
        for (var length = 0; length < Good.Length; length++)
        {
            var diagnostics = new DiagnosticBag();
            SpecReader.Read(BimbFormat.Spec, SpecSource.Of("cut", Good.AsMemory(0, length)), diagnostics);
            Assert.True(diagnostics.HasErrors, $"cut at {length}");
            Assert.Equal(ExitCode.Malformed, diagnostics.ExitCode);
        }
    }

    [Fact]
    public void Every_changed_byte_is_noticed()
    {
        for (var at = 0; at < Good.Length; at++)
        {
            byte[] bytes = [.. Good];
            bytes[at] ^= 0x55;
            Assert.True(TinyModel.OpenAndVerify(bytes).HasErrors, $"changed at {at}");
        }
    }

    [Fact]
    public void Changed_files_with_right_hashes_never_throw()
    {
        var random = new Random(20_240_611);
        var end = (int)new Patch(Good).Find("data").Offset;
        for (var run = 0; run < 4000; run++)
        {
            var patch = new Patch(Good);
            for (var changes = random.Next(1, 4); changes > 0; changes--)
                patch.Bytes[random.Next(end)] = random.Next(3) switch { 0 => 0, 1 => 0xff, _ => (byte)random.Next(256) };
            try
            {
                TinyModel.OpenAndVerify(patch.Rehash().Bytes);
            }
            catch (Exception e) when (e is not Xunit.Sdk.XunitException)
            {
                Assert.Fail($"run {run}: {e}");
            }
        }
    }

    [Fact]
    public void Lying_counts_allocate_nothing()
    {
        var bytes = new Patch(Good).Overwrite("module.blocks[0].ops", 0, 0xff, 0xff, 0xff, 0x7f).Rehash().Bytes;
        var diagnostics = new DiagnosticBag();
        SpecReader.Read(BimbFormat.Spec, SpecSource.Of("lie", bytes), diagnostics);
        var before = GC.GetAllocatedBytesForCurrentThread();
        diagnostics = new DiagnosticBag();
        SpecReader.Read(BimbFormat.Spec, SpecSource.Of("lie", bytes), diagnostics);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 1 << 20);
        Assert.Contains(diagnostics.Items, item => item.Id == "BIM4004" && item.Place.Field == "module.blocks[0].ops");
    }
}
