using BiMamba.Measurement;

namespace BiMamba.CommandLine.Reports;

/// <summary>The bytes that a token moves.</summary>
internal sealed record BenchBytesJson(long Total, IReadOnlyList<ByteShare> Parts);

/// <summary>The read bandwidth: the best way, and every way.</summary>
internal sealed record BenchBandwidthJson(double BytesPerSecond, IReadOnlyList<ReadRate> Reads);

/// <summary>Decoding; the share is that of the byte ceiling.</summary>
internal sealed record BenchDecodeJson(double TokensPerSecond, double BytesPerSecond, double Share, double? JoulesPerToken);

/// <summary>Prefill; operations of the linears over the time of the whole, and their share of the fp32 peak.</summary>
internal sealed record BenchPrefillJson(double TokensPerSecond, double LinearOperationsPerSecond, double Share);

/// <summary>The products with sign planes alone, and their share of the fp32 peak.</summary>
internal sealed record BenchLinearsJson(double OperationsPerSecond, double Share);

/// <summary>From opening the files to the first logits: in a process that has just begun, and once more.</summary>
internal sealed record BenchFirstTokenJson(double Seconds, double? AgainSeconds);

/// <summary>What was measured.</summary>
internal sealed record BenchMeasuredJson(
    MachineDescription Machine, BenchBandwidthJson Bandwidth, double PeakOperationsPerSecond, BenchDecodeJson Decode, BenchPrefillJson Prefill,
    BenchLinearsJson? Linears, BenchFirstTokenJson FirstToken, ProcessMemory? Memory, IReadOnlyList<ContextPoint> Contexts, IReadOnlyList<BatchPoint> Batches, IReadOnlyList<BenchRepetition> Repetitions);

/// <summary>The result of bench; nothing is measured where no repetition is wanted.</summary>
internal sealed record BenchJson(int SchemaVersion, string File, int Threads, string Engine, string State, int Prompt, int Generate, BenchBytesJson Bytes, BenchMeasuredJson? Measured);
