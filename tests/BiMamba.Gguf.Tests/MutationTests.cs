using BiMamba.Diagnostics;
using BiMamba.Formats.Gguf;
using BiMamba.Formats.Spec;
using BiMamba.Tensors;
using BiMamba.Testing;
using FsCheck;
using FsCheck.Fluent;

namespace BiMamba.Gguf.Tests;

/// <summary>Damaged files: opening never throws, and says the same as the description of the format.</summary>
public sealed class MutationTests
{
    private const int Mutations = 6000;

    [Fact]
    public void A_damaged_file_is_refused_where_the_spec_refuses_it()
    {
        using var folder = new TemporaryFolder();
        var sound = GgufBytes.Sound().ToArray();
        Assert.True(IsSound(folder["a.gguf"], sound));
        var random = new Random(1);
        var refused = 0;
        for (var i = 0; i < Mutations; i++)
            refused += IsSound(folder["a.gguf"], Damage(sound, random)) ? 0 : 1;
        Assert.InRange(refused, Mutations / 2, Mutations - 1);
    }

    [Fact]
    public void Any_bytes_behind_the_head_are_refused_or_sound()
    {
        using var folder = new TemporaryFolder();
        var property = Prop.ForAll<byte[], byte, byte>((bytes, tensors, pairs) =>
        {
            IsSound(folder["a.gguf"], bytes);
            IsSound(folder["a.gguf"], GgufBytes.Head(tensors % 4u, pairs % 4u).Raw(bytes).ToArray());
            return true;
        });
        Check.One(Config.QuickThrowOnFailure.WithQuietOnSuccess(true).WithMaxTest(500).WithEndSize(200), property);
    }

    private static byte[] Damage(byte[] sound, Random random)
    {
        var damaged = sound.ToArray();
        if (random.Next(8) == 0)
            return damaged[..random.Next(damaged.Length)];
        for (var count = random.Next(1, 4); count > 0; count--)
        {
            var at = random.Next(damaged.Length);
            damaged[at] = random.Next(4) switch
            {
                0 => (byte)random.Next(256),
                1 => (byte)(damaged[at] ^ (1 << random.Next(8))),
                2 => random.Next(2) == 0 ? (byte)0 : (byte)255,
                _ => damaged[random.Next(damaged.Length)],
            };
        }

        return damaged;
    }

    private static bool IsSound(string path, byte[] bytes)
    {
        File.WriteAllBytes(path, bytes);
        var (ours, ofSpec) = (new DiagnosticBag(), new DiagnosticBag());
        using var file = GgufReader.Open(path, ours);
        SpecReader.Read(FormatTable.Gguf.Spec, SpecSource.Of(path, bytes), ofSpec);
        Assert.Equal(file is null, ours.HasErrors);
        // Of several errors another one may come first.
        if (ours.HasErrors != ofSpec.HasErrors || (ours.Items.Count == 1 && ofSpec.Items.Count == 1 && ours.Items[0].Id != ofSpec.Items[0].Id))
            Assert.Fail($"{Convert.ToHexString(bytes)}\n{string.Join('\n', ours.Items)}\nspec:\n{string.Join('\n', ofSpec.Items)}");
        foreach (var entry in file?.Tensors ?? [])
            entry.Tensor?.ToBytes();
        return file is not null;
    }
}
