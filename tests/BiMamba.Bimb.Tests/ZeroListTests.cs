using System.Runtime.InteropServices;
using BiMamba.Diagnostics.Tables;
using BiMamba.IR;
using BiMamba.Tensors;

namespace BiMamba.Bimb.Tests;

/// <summary>Lists of exact zeros that a correct hash does not make right.</summary>
public class ZeroListTests
{
    [Theory]
    [InlineData(new uint[] { 7 }, true)]
    [InlineData(new uint[] { }, true)]
    [InlineData(new uint[] { 7, 7 }, false)]
    [InlineData(new uint[] { 9, 7 }, false)]
    [InlineData(new uint[] { 15 }, false)]
    [InlineData(new uint[] { uint.MaxValue }, false)]
    public void Indices_ascend_inside_the_plane(uint[] indices, bool isRight)
    {
        var diagnostics = TinyModel.OpenAndVerify(TinyModel.Write(With(indices, bit: 0xFF)));
        if (isRight)
            Assert.Empty(diagnostics.Items);
        else
            Assert.Same(BimbDiagnostics.ZeroList, Assert.Single(diagnostics.Items).Descriptor);
    }

    [Fact]
    public void A_zero_has_the_bit_of_plus_one()
    {
        var found = Assert.Single(TinyModel.OpenAndVerify(TinyModel.Write(With([7], bit: 0))).Items);
        Assert.Same(BimbDiagnostics.ZeroList, found.Descriptor);
        Assert.Contains("found 7 at position 0", found.Message, StringComparison.Ordinal);
    }

    /// <summary>The tiny model with a list of zeros and a plane [5,3] whose bits are all the same.</summary>
    private static Formats.Bimb.BimbContent With(uint[] indices, byte bit)
    {
        var tile = new byte[Encodings.TileBytes];
        for (var row = 0; row < 5; row++)
            tile[row * sizeof(uint)] = (byte)(bit & 0b111);
        var zeros = new Resource("proj.zeros", new MemoryTensor(MemoryMarshal.AsBytes<uint>(indices).ToArray(), ElementType.U32, Shape.Of(indices.Length)));
        var sign = new Resource("proj.sign", Encoding.Sign1, Shape.Of(5, 3), new MemoryTensor(tile, ElementType.U8, Shape.Of(tile.Length)));
        var content = TinyModel.Content();
        return content with { Module = content.Module with { Resources = content.Module.Resources.SetItem(zeros.Name, zeros).SetItem(sign.Name, sign) } };
    }
}
