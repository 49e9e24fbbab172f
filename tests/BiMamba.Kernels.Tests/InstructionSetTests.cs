using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using System.Security.Cryptography;

namespace BiMamba.Kernels.Tests;

/// <summary>
/// Runs every kernel in child processes with instruction sets switched off, and compares a digest of all results.
/// </summary>
public class InstructionSetTests
{
    private const string DigestFile = "BIMAMBA_KERNEL_DIGEST_FILE";

    [Theory]
    [InlineData("DOTNET_EnableAVX512", "512=False 256=True 128=True")]
    [InlineData("DOTNET_EnableAVX2", "512=False 256=False 128=True")]
    [InlineData("DOTNET_EnableHWIntrinsic", "512=False 256=False 128=False")]
    public void Results_have_the_same_bits_without(string variable, string hardware)
    {
        using var folder = new Testing.TemporaryFolder();
        var file = folder["digest"];
        var start = new ProcessStartInfo("dotnet")
        {
            ArgumentList = { typeof(InstructionSetTests).Assembly.Location, "-method", "*." + nameof(Digest_is_complete) },
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        start.Environment[variable] = "0";
        start.Environment[DigestFile] = file;
        using var child = Process.Start(start)!;
        var output = child.StandardOutput.ReadToEnd();
        child.WaitForExit();
        Assert.True(child.ExitCode == 0, output);
        var lines = File.ReadAllLines(file);

        // The switch must have worked, or the comparison says nothing. Machines without a set have it off either way.
        var without = Avx512F.IsSupported ? hardware : hardware.Replace("512=True", "512=False", StringComparison.Ordinal);
        Assert.Equal(RuntimeInformation.ProcessArchitecture is Architecture.X64 && Avx2.IsSupported ? without : lines[0], lines[0]);
        Assert.Equal(Digest(), lines[1..]);
    }

    /// <summary>What a child process runs; alone it checks that the digest has a line for each kernel.</summary>
    [Fact]
    public void Digest_is_complete()
    {
        var digest = Digest();
        Assert.Equal(37, digest.Length);
        Assert.Equal(digest.Length, digest.Distinct().Count());
        if (Environment.GetEnvironmentVariable(DigestFile) is { } file)
        {
            var hardware = $"512={Avx512F.IsSupported} 256={Avx2.IsSupported} 128={Vector128.IsHardwareAccelerated}";
            File.WriteAllLines(file, [hardware, .. digest]);
        }
    }

    private static string[] Digest()
    {
        const int Tokens = 13, Width = 93, Rows = 37;
        var x = Numbers.Random(Tokens * Width, 91, 5f);
        var z = Numbers.Random(Tokens * Width, 92, 30f);
        var weight = Numbers.Random(Rows * Width, 93);
        var edges = Enumerable.Range(0, 1 << 14).Select(i => BitConverter.UInt32BitsToSingle((uint)i * 262147u)).ToArray();
        var rows = new Rows(x, Tokens, Width);
        var lines = new List<string>();

        var y = new float[edges.Length];
        Apply(edges, y, VectorMath.Exp, VectorMath.Exp);
        Add(lines, "exp", y);
        Apply(edges, y, VectorMath.Log, VectorMath.Log);
        Add(lines, "log", y);
        Apply(edges, y, VectorMath.Log1p, VectorMath.Log1p);
        Add(lines, "log1p", y);
        Activation.Silu(edges, y);
        Add(lines, "silu", y);
        Activation.Softplus(edges, y);
        Add(lines, "softplus", y);

        y = new float[x.Length];
        Elementwise.Add(x, z, y);
        Elementwise.Multiply(y, x, y);
        Add(lines, "elementwise", y);
        RmsNorm.Run(rows, weight.AsSpan(0, Width), 1e-5f, 31, new MutableRows(y, Tokens, Width));
        Add(lines, "rms norm", y);
        GatedRmsNorm.Run(
            rows, new Rows(z, Tokens, Width), weight.AsSpan(0, Width), 1e-5f, Width, false, new MutableRows(y, Tokens, Width));
        Add(lines, "gated rms norm", y);
        var state = new float[3 * Width];
        CausalConv.Run(rows, state, weight.AsSpan(0, 4 * Width), 4, weight.AsSpan(0, Width), true, 0, Width, new MutableRows(y, Tokens, Width));
        Add(lines, "causal conv", [.. y, .. state]);

        var product = new float[Tokens * Rows];
        RowProduct.Multiply(rows, weight, new MutableRows(product, Tokens, Rows));
        Add(lines, "row product", product);
        var gram = new float[GramMatrix.ScratchLength];
        GramMatrix.AddPanel(edges.AsSpan(0, 13 * GramMatrix.BlockColumns), Numbers.Random(13 * GramMatrix.BlockColumns, 97), gram);
        Add(lines, "gram matrix", gram);
        var signs = Numbers.Signs(Rows * Width, 94, zeroOneIn: 9);
        var tiles = SignProductTests.Pack(signs, Rows, Width);
        SignProduct.Multiply(
            tiles, Rows, rows, 0, new MutableRows(product, Tokens, Rows), new float[SignProduct.ScratchLength(Tokens, Width)]);
        Add(lines, "sign product", product);
        FixedSignProduct.Multiply(
            tiles, Rows, rows, weight.AsSpan(0, Width), 0, new MutableRows(product, Tokens, Rows), new float[FixedSignProduct.ScratchLength(Rows)]);
        Add(lines, "fixed sign product", product);
        AddChunks(lines);
        var mask = SignProductTests.Pack(signs.Select(s => s == 0 ? (sbyte)1 : (sbyte)-1).ToArray(), Rows, Width);
        ZeroBitmap.Apply(mask, Rows, 0, rows, z.AsSpan(0, Width), new MutableRows(product, Tokens, Rows));
        Add(lines, "zero bitmap", product);
        AddScans(lines);
        AddQuantized(lines, weight, Rows, Width);
        AddStored(lines, x, Tokens, Rows, Width);
        AddPlanes(lines);
        return [.. lines];
    }

    /// <summary>Sign products over several chunks of columns, of many tokens and of one.</summary>
    private static void AddChunks(List<string> lines)
    {
        const int Tokens = 13, Rows = 300, Columns = 1100;
        var x = Numbers.Random(Tokens * Columns, 95, 3f);
        var tiles = SignProductTests.Pack(Numbers.Signs(Rows * Columns, 96), Rows, Columns);
        var y = new float[Tokens * Rows];
        FixedSignProduct.Multiply(tiles, Rows, new Rows(x, Tokens, Columns), [], 0, new MutableRows(y, Tokens, Rows), new float[FixedSignProduct.ScratchLength(Rows)]);
        Add(lines, "fixed sign product, chunks", y);
        var tables = new float[FixedSignProduct.TableLength(Columns)];
        FixedSignProduct.BuildTables(x.AsSpan(0, Columns), x.AsSpan(Columns, Columns), tables);
        FixedSignProduct.Accumulate(tiles, Columns, tables, 0, y.AsSpan(0, Rows), new float[FixedSignProduct.TokenScratchLength(Rows)]);
        Add(lines, "fixed sign product, one token", y[..Rows]);
    }

    private static void AddScans(List<string> lines)
    {
        var ssd = new SsdScanTests.Case(11, 2, 83, 1, 7);
        var y = new float[ssd.X.Length];
        SsdScan.Run(ssd.Inputs(0, 11), 0, 2, ssd.State, new MutableRows(y, 11, ssd.Channels));
        Add(lines, "ssd scan", [.. y, .. ssd.State]);
        var narrow = new ushort[ssd.State.Length];
        BFloat16.Narrow(ssd.State, narrow);
        SsdScan.Run(ssd.Inputs(0, 11), 0, 2, narrow, new MutableRows(y, 11, ssd.Channels));
        Add(lines, "ssd scan bfloat16", [.. y, .. narrow.Select(BFloat16.Widen)]);
        var selective = new SelectiveScanTests.Case(4, 37, 16);
        y = new float[selective.X.Length];
        SelectiveScan.Run(selective.Inputs(0, 4), 0, 37, selective.State, new MutableRows(y, 4, 37));
        Add(lines, "selective scan", [.. y, .. selective.State]);
        narrow = new ushort[selective.State.Length];
        BFloat16.Narrow(selective.State, narrow);
        SelectiveScan.Run(selective.Inputs(0, 4), 0, 37, narrow, new MutableRows(y, 4, 37));
        Add(lines, "selective scan bfloat16", [.. y, .. narrow.Select(BFloat16.Widen)]);
    }

    private static void AddQuantized(List<string> lines, float[] weight, int rows, int columns)
    {
        foreach (var bits in new[] { 8, 4 })
        {
            var codes = new byte[rows * QuantizedRows.RowBytes(columns, bits)];
            var scales = new ushort[rows * QuantizedRows.Groups(columns, 34)];
            RowQuantizer.Quantize(new Rows(weight, rows, columns), bits, 34, codes, scales);
            var panel = new float[rows * columns];
            QuantizedRows.Dequantize(codes, scales, bits, 34, new MutableRows(panel, rows, columns));
            Add(lines, $"quantized rows {bits}", panel);
        }
    }

    private static void AddStored(List<string> lines, float[] x, int tokens, int rows, int columns)
    {
        foreach (var element in Enum.GetValues<StoredElement>())
        {
            var groupSize = element is StoredElement.I8 or StoredElement.I4 ? 32 : 0;
            var (stored, scales) = (StoredRowProductTests.Bytes(element, rows, columns), StoredRowProductTests.Scales(rows, columns, groupSize));
            var w = StoredRowProductTests.View(stored, scales, element, rows, columns, groupSize);
            var (y, panel) = (new float[tokens * rows], new float[rows * columns]);
            StoredRowProduct.Multiply(new Rows(x, tokens, columns), w, new MutableRows(y, tokens, rows));
            w.Widen(new MutableRows(panel, rows, columns));
            Add(lines, $"stored rows {element}", [.. y, .. panel]);
        }
    }

    /// <summary>Planes of codes, over several chunks and by groups that are tiles and that are not, and planes of binary weights with residuals.</summary>
    private static void AddPlanes(List<string> lines)
    {
        const int Tokens = 7, Rows = 83, Columns = 600;
        var x = Numbers.Random(Tokens * Columns, 98, 3f);
        var (y, panel) = (new float[Tokens * Rows], new float[Rows * Columns]);
        foreach (var (bits, group) in new[] { (3, 0), (4, 128), (8, 100) })
        {
            var planes = CodePlanesTests.Pack(CodePlanesTests.Codes(bits, Rows, Columns, 99), bits, Rows, Columns);
            var (scale, zero) = CodePlanesTests.Parameters(Rows, Columns, group, true);
            var scales = new CodeScales(scale, zero, group, Rows, Columns);
            CodePlanes.Dequantize(planes, bits, Rows, Columns, 0, scales, new MutableRows(panel, Rows, Columns));
            Add(lines, $"code planes {bits}", panel);
            var scratch = new float[FixedCodeProduct.ScratchLength(Columns, group)];
            FixedCodeProduct.Multiply(planes, bits, Rows, new Rows(x, Tokens, Columns), scales, 0, new MutableRows(y, Tokens, Rows), scratch);
            Add(lines, $"fixed code product {bits}", y);
            Add(lines, $"fixed code product {bits}, one token", FixedCodeProductTests.OneByOne(planes, bits, Rows, x[Columns..], 1, scales, Rows));
        }

        var braq = new BraqPlanesTests.Case(Rows, Columns, 128);
        BraqPlanes.Dequantize(
            braq.Sign, braq.Region, braq.Salient, braq.Scale, braq.Mean, braq.Zeros, braq.RegionZeros, 128, Rows, Columns, 0,
            new MutableRows(panel, Rows, Columns));
        Add(lines, "braq planes", panel);
    }

    private static void Apply(
        float[] x, float[] y, Func<float, float> scalar, Func<Vector512<float>, Vector512<float>> vector)
    {
        // The vector form is run in every process: where nothing is accelerated, by its software fallback.
        for (var i = 0; i < x.Length; i += 16)
            vector(Vector512.Create(x, i)).CopyTo(y, i);
        Numbers.AssertSameBits(x.Select(scalar).ToArray(), y);
    }

    private static void Add(List<string> lines, string name, float[] values)
    {
        var bits = values.Select(Numbers.Bits).ToArray();
        lines.Add($"{name} {Convert.ToHexString(SHA256.HashData(MemoryMarshal.AsBytes(bits.AsSpan())))}");
    }
}
