using System.Diagnostics;
using System.Globalization;

namespace BiMamba.Benchmarks;

/// <summary>A conversion beside a plain copy of its input and output sizes, in one run.</summary>
/// <param name="CopySeconds">Median time of reading every input file and writing and flushing a file of the output's size.</param>
/// <param name="ConvertSeconds">Median time of the command, from its start to its exit.</param>
/// <param name="Ratio">The second over the first.</param>
/// <param name="PeakAnonymousBytes">Largest RssAnon of the command in any sample of /proc; 0 where there is none.</param>
/// <param name="InputBytes">Bytes of all files of the checkpoint.</param>
/// <param name="OutputBytes">Bytes of the written file.</param>
public sealed record Conversion(double CopySeconds, double ConvertSeconds, double Ratio, long PeakAnonymousBytes, long InputBytes, long OutputBytes)
{
    private const int Rounds = 3;
    private const int PieceBytes = 1 << 20;
    private static readonly TimeSpan Sampling = TimeSpan.FromMilliseconds(5);

    /// <summary>Measures with a warm page cache: one reading of the input ahead, then copies and conversions in turn.</summary>
    /// <param name="checkpointFolder">A checkpoint of binarized or full-precision weights.</param>
    /// <param name="workFolder">An existing folder for files that are removed again, on the disk that is measured.</param>
    /// <param name="commandPath">The executable <c>bimambac</c>, or its .dll.</param>
    /// <exception cref="InvalidOperationException">The command failed.</exception>
    public static Conversion Measure(string checkpointFolder, string workFolder, string commandPath)
    {
        var inputs = Directory.GetFiles(checkpointFolder);
        var (copied, converted) = (Path.Combine(workFolder, "copied.tmp"), Path.Combine(workFolder, "converted.bimb"));
        var (copies, conversions) = (new double[Rounds], new double[Rounds]);
        long peak = 0, outputBytes = 0;
        var buffer = new byte[PieceBytes];
        try
        {
            // The first conversion tells the size of the output and warms the page cache; it is not counted.
            for (var round = -1; round < Rounds; round++)
            {
                if (round >= 0)
                    copies[round] = Copy(inputs, copied, outputBytes, buffer);
                File.Delete(copied);
                var (seconds, anonymous) = Convert(checkpointFolder, converted, commandPath);
                outputBytes = new FileInfo(converted).Length;
                File.Delete(converted);
                if (round >= 0)
                    (conversions[round], peak) = (seconds, Math.Max(peak, anonymous));
            }
        }
        finally
        {
            File.Delete(copied);
            File.Delete(converted);
        }

        var (copy, convert) = (Median(copies), Median(conversions));
        return new Conversion(copy, convert, convert / copy, peak, inputs.Sum(file => new FileInfo(file).Length), outputBytes);
    }

    private static double Median(double[] values) => values.Order().ElementAt(values.Length / 2);

    private static double Copy(string[] inputs, string target, long bytes, byte[] buffer)
    {
        var watch = Stopwatch.StartNew();
        foreach (var input in inputs)
        {
            using var source = File.OpenHandle(input);
            for (long offset = 0, read; (read = RandomAccess.Read(source, buffer, offset)) > 0; offset += read)
            {
            }
        }

        using (var output = File.OpenHandle(target, FileMode.Create, FileAccess.Write))
        {
            for (long offset = 0; offset < bytes; offset += buffer.Length)
                RandomAccess.Write(output, buffer.AsSpan(0, (int)Math.Min(buffer.Length, bytes - offset)), offset);
            // The command flushes what it writes, too.
            RandomAccess.FlushToDisk(output);
        }

        return watch.Elapsed.TotalSeconds;
    }

    private static (double Seconds, long PeakAnonymousBytes) Convert(string checkpoint, string target, string command)
    {
        var isLibrary = command.EndsWith(".dll", StringComparison.OrdinalIgnoreCase);
        var start = new ProcessStartInfo(isLibrary ? "dotnet" : command) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in (string[])[.. isLibrary ? (string[])[command] : [], "convert", checkpoint, "-o", target, "--force", "--quiet"])
            start.ArgumentList.Add(argument);
        var watch = Stopwatch.StartNew();
        using var process = Process.Start(start)!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        long peak = 0;
        while (!process.WaitForExit(Sampling))
            peak = Math.Max(peak, AnonymousBytes(process.Id));
        var seconds = watch.Elapsed.TotalSeconds;
        _ = output.Result;
        return process.ExitCode == 0 ? (seconds, peak) : throw new InvalidOperationException($"convert failed: {error.Result}");
    }

    private static long AnonymousBytes(int process)
    {
        try
        {
            var line = File.ReadLines($"/proc/{process}/status").FirstOrDefault(text => text.StartsWith("RssAnon:", StringComparison.Ordinal));
            return line is null ? 0 : long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2].Split('\t')[^1], CultureInfo.InvariantCulture) << 10;
        }
        catch (IOException)
        {
            // It has ended, or this is no Linux.
            return 0;
        }
    }
}
