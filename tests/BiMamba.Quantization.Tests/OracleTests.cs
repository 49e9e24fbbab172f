namespace BiMamba.Quantization;

/// <summary>The loader of the oracles.</summary>
public sealed class OracleTests
{
    [Fact]
    public void A_layer_has_its_weight_and_its_Hessian()
    {
        var layer = Oracle.Load("layer", "tiny_48x64");
        Assert.Equal([48, 64], layer.Shape("W").Dims);
        Assert.Equal(64 * 64, layer.Floats("H").Length);
        Assert.Equal(48, layer.Metadata("problem").GetProperty("out").GetInt32());
    }
}
