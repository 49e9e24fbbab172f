using BiMamba.Tensors;
using BiMamba.Testing;

namespace BiMamba.Models;

/// <summary>Random checkpoints written by Hugging Face transformers, against its logits in fp64.</summary>
public class TransformersOracleTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData("hf-mamba1", "", 5e-4)]
    [InlineData("hf-mamba1", "pytorch_model.bin", 5e-4)]
    [InlineData("hf-falcon-mamba", "", 5e-4)]
    [InlineData("hf-mamba2-groups1", "", 2e-4)]
    [InlineData("hf-mamba2-groups1", "pytorch_model.bin", 2e-4)]
    [InlineData("hf-mamba2-groups2-untied", "", 2e-4)]
    [InlineData("hf-mamba2-proj-bias", "", 2e-4)]
    public void Logits_agree_whole_and_stepwise(string folder, string file, double bound)
    {
        var path = Repository.RequireShared("oracles", "models", folder);
        using var model = Models.Import(Path.Combine(path, file));
        using var reference = Models.Archive(Path.Combine(path, "reference.safetensors"));
        var ids = Models.Ids(reference, "input_ids");
        var expected = reference.Tensors["logits"].Tensor.ToSingles();
        var length = (int)reference.Tensors["input_ids"].Tensor.Shape[1];
        var rows = model.Module.VocabularyRows;
        for (var sequence = 0; sequence < ids.Length / length; sequence++)
        {
            var part = ids.AsSpan(sequence * length, length);
            var whole = Models.Logits(model.Module, part);
            var difference = Models.MaxDifference(expected.AsSpan(sequence * length * rows, length * rows), whole);
            output.WriteLine($"{folder} {file} sequence {sequence}: largest difference {difference:E2}");
            Assert.InRange(difference, 0, bound);
            Assert.Equal(whole, Models.Logits(model.Module, part, chunk: 1));
            Assert.Equal(whole, Models.Logits(model.Module, part, chunk: 7, threads: 1));
        }
    }
}
