using BiMamba.Tensors;

namespace BiMamba.IR.Tests;

/// <summary>Tensors one below the other.</summary>
public sealed class StackedTensorTests
{
    private static readonly MemoryTensor Upper = MemoryTensor.Of([1, 2, 3, 4, 5, 6], Shape.Of(2, 3));
    private static readonly MemoryTensor None = MemoryTensor.Of([], Shape.Of(0, 3));
    private static readonly MemoryTensor Lower = MemoryTensor.Of([7, 8, 9], Shape.Of(1, 3));

    [Fact]
    public void Rows_follow_each_other()
    {
        var stack = new StackedTensor(Upper, None, Lower);
        Assert.Equal(Shape.Of(3, 3), stack.Shape);
        Assert.Equal([1, 2, 3, 4, 5, 6, 7, 8, 9], stack.ToSingles());
        var bytes = stack.ToBytes();
        for (var offset = 0; offset <= bytes.Length; offset++)
        {
            for (var length = 0; offset + length <= bytes.Length; length++)
            {
                var part = new byte[length];
                stack.Read(offset, part);
                Assert.Equal(bytes[offset..(offset + length)], part);
            }
        }
    }

    [Theory]
    [InlineData(0, 24, true)]
    [InlineData(24, 12, true)]
    [InlineData(20, 4, true)]
    [InlineData(20, 8, false)]
    [InlineData(0, 36, false)]
    public void A_span_lies_in_one_part(int offset, int length, bool expected)
    {
        var stack = new StackedTensor(Upper, None, Lower);
        Assert.Equal(expected, stack.TryGetSpan(offset, length, out var span));
        if (expected)
            Assert.Equal(stack.ToBytes()[offset..(offset + length)], span.ToArray());
    }

    [Fact]
    public void Parts_must_fit()
    {
        Assert.Throws<ArgumentException>(() => new StackedTensor());
        Assert.Throws<ArgumentException>(() => new StackedTensor(Upper, MemoryTensor.Of([1, 2], Shape.Of(1, 2))));
        Assert.Throws<ArgumentException>(() => new StackedTensor(Upper, MemoryTensor.Vector([1, 2, 3])));
        Assert.Throws<ArgumentException>(() => new StackedTensor(Upper, new MemoryTensor(new byte[6], ElementType.F16, Shape.Of(1, 3))));
        Assert.Throws<ArgumentException>(() => new StackedTensor(MemoryTensor.Of([1], Shape.Of())));
    }

    [Fact]
    public void Ranges_outside_are_refused()
    {
        var stack = new StackedTensor(Upper, Lower);
        Assert.Throws<ArgumentOutOfRangeException>(() => stack.Read(30, new byte[7]));
        Assert.Throws<ArgumentOutOfRangeException>(() => stack.Read(-1, new byte[1]));
    }

    [Fact]
    public void The_same_parts_are_the_same_storage()
    {
        Assert.True(new StackedTensor(Upper, Lower).IsSameStorage(new StackedTensor(Upper, Lower)));
        Assert.False(new StackedTensor(Upper, Lower).IsSameStorage(new StackedTensor(Lower, Upper)));
        Assert.False(new StackedTensor(Upper).IsSameStorage(Upper));
    }
}
