using System.Text;
using BiMamba.Diagnostics;
using BiMamba.Formats.Safetensors;
using BiMamba.Formats.TorchPickle;
using BiMamba.Readers.Tests.Building;
using BiMamba.Tensors;
using BiMamba.Testing;
using BiMamba.Testing.Building;

namespace BiMamba.Readers.Tests;

/// <summary>Files over 4 GiB. They are sparse and take no room on the disk.</summary>
public class HugeFileTests
{
    private const long Huge = (5L << 30) + 4;

    [Fact]
    public void A_safetensors_file_over_4_GiB_is_read()
    {
        using var folder = new TemporaryFolder();
        var header = SafetensorsBytes.Of($$"""{"huge":{"dtype":"F32","shape":[{{Huge / 4}}],"data_offsets":[0,{{Huge}}]},"last":{"dtype":"F32","shape":[4],"data_offsets":[{{Huge}},{{Huge + 16}}]} }""");
        using (var file = File.Create(folder["x"]))
        {
            file.Write(header);
            file.SetLength(header.Length + Huge);
            file.Position = header.Length + Huge - 4;
            file.Write(BitConverter.GetBytes(2.5f));
            file.Write(TorchBytes.FourFloats());
        }

        var diagnostics = new DiagnosticBag();
        using var archive = SafetensorsReader.OpenFile(folder["x"], diagnostics);
        Check(archive, diagnostics);
    }

    [Fact]
    public void A_torch_file_over_4_GiB_is_read()
    {
        using var folder = new TemporaryFolder();
        var pickle = new PickleBuilder().Op('}').Op('(')
            .Text("huge").Tensor("FloatStorage", "0", Huge / 4, 0, [Huge / 4], [1])
            .Text("last").Tensor("FloatStorage", "1", 4, 0, [4], [1]).Op('u').Stop();
        using (var file = File.Create(folder["x"]))
            WriteArchive(file, pickle);

        var diagnostics = new DiagnosticBag();
        using var archive = TorchReader.OpenFile(folder["x"], diagnostics);
        Check(archive, diagnostics);
    }

    private static void Check(TensorArchive? archive, DiagnosticBag diagnostics)
    {
        Assert.Empty(diagnostics.Items);
        var huge = archive!.Tensors["huge"].Tensor;
        var values = new float[2];
        huge.ReadSingles(huge.Shape.Count - 2, values);
        Assert.Equal([0f, 2.5f], values);
        Assert.Equal([0f, 1f, 2f, 3f], archive.Tensors["last"].Tensor.ToSingles());
        Assert.InRange(((MappedTensor)archive.Tensors["last"].Tensor).Offset, Huge, long.MaxValue);
    }

    private static void WriteArchive(FileStream file, byte[] pickle)
    {
        var directory = new List<byte>();
        Entry("a/data.pkl", pickle.Length);
        file.Write(pickle);
        // As torch does it, the local header leaves the size to the descriptor and the directory.
        Entry("a/data/0", Huge);
        file.SetLength(file.Position + Huge);
        file.Position += Huge - 4;
        file.Write(BitConverter.GetBytes(2.5f));
        Entry("a/data/1", 16);
        file.Write(TorchBytes.FourFloats());
        var start = file.Position;
        file.Write([.. directory]);
        file.Write(ZipBuilder.EndRecords(3, start, directory.Count, zip64: true, Encoding.UTF8.GetBytes("comment")));

        void Entry(string name, long length)
        {
            directory.AddRange(ZipBuilder.DirectoryRecord(name, 0, 8, length, length, file.Position, zip64: true));
            file.Write(ZipBuilder.LocalHeader(name, 0, 8, 0u));
        }
    }
}
