using System.Runtime.InteropServices;
using BiMamba.Diagnostics.Tables;
using BiMamba.IR;
using BiMamba.Tensors;

namespace BiMamba.Bimb.Tests;

/// <summary>Column orders that a correct hash does not make right.</summary>
public class ColumnOrderTests
{
    [Theory]
    [InlineData(new uint[] { 2, 0, 1 }, true)]
    [InlineData(new uint[] { 2, 0, 2 }, false)]
    [InlineData(new uint[] { 3, 0, 1 }, false)]
    [InlineData(new uint[] { 2, 0, uint.MaxValue }, false)]
    public void Every_column_stands_once(uint[] order, bool isRight)
    {
        var diagnostics = TinyModel.OpenAndVerify(TinyModel.Write(With(order, padding: 0)));
        if (isRight)
            Assert.Empty(diagnostics.Items);
        else
            Assert.Same(BimbDiagnostics.ColumnOrder, Assert.Single(diagnostics.Items).Descriptor);
    }

    [Fact]
    public void Bits_outside_the_planes_of_codes_are_zero() =>
        Assert.Same(BimbDiagnostics.PackedPadding, Assert.Single(TinyModel.OpenAndVerify(TinyModel.Write(With([0, 1, 2], padding: 8))).Items).Descriptor);

    /// <summary>The tiny model with codes [5,3] of two bits in place of its first plane of signs.</summary>
    private static Formats.Bimb.BimbContent With(uint[] order, byte padding)
    {
        var planes = new byte[2 * Encodings.TileBytes];
        planes[Encodings.TileBytes] = padding;
        Resource[] added =
        [
            new("proj.codes", Encoding.Bits1, Shape.Of(2, 5, 3), new MemoryTensor(planes, ElementType.U8, Shape.Of(planes.Length))),
            new("proj.scale", MemoryTensor.Of([1], Shape.Of(1, 1))),
            new("proj.order", new MemoryTensor(MemoryMarshal.AsBytes<uint>(order).ToArray(), ElementType.U32, Shape.Of(order.Length))),
        ];
        var content = TinyModel.Content();
        var block = content.Module.Blocks[1];
        var plain = block.Body[1];
        var op = new Op(
            OpCode.CodeLinear, plain.Results,
            [Operand.Value("x", plain.Get("x")), Operand.Resource("codes", "proj.codes"), Operand.Resource("scale", "proj.scale"), Operand.Resource("order", "proj.order")],
            System.Collections.Immutable.ImmutableDictionary<string, AttributeValue>.Empty.Add("bits", new AttributeValue.Int(2)).Add("group", new AttributeValue.Int(0)));
        var module = content.Module with
        {
            Blocks = content.Module.Blocks.SetItem(1, block with { Body = block.Body.SetItem(1, op) }),
            Resources = content.Module.Resources.AddRange(added.Select(resource => KeyValuePair.Create(resource.Name, resource))),
        };
        return content with { Module = module.WithoutUnusedResources() };
    }
}
