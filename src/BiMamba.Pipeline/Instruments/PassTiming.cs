using System.Globalization;
using BiMamba.IR;

namespace BiMamba.Pipeline.Instruments;

/// <summary>Measures every stage.</summary>
public sealed class PassTiming : PassInstrument
{
    private readonly List<(string Stage, StageTime Time)> rows = [];

    /// <summary>Stages in the order in which they ran.</summary>
    public IReadOnlyList<(string Stage, StageTime Time)> Rows => rows;

    /// <inheritdoc/>
    public override void AfterStage(StageRun run, Module result, StageTime elapsed) => rows.Add((run.Name, elapsed));

    /// <summary>A table: seconds of each pass and of the verifier after it, and their share of the whole.</summary>
    public void Write(TextWriter writer)
    {
        var total = rows.Sum(row => (row.Time.Pass + row.Time.Verifier).TotalSeconds);
        writer.Write("   pass s   verify s   share  stage\n");
        foreach (var (stage, time) in rows)
        {
            var share = total > 0 ? (time.Pass + time.Verifier).TotalSeconds / total : 0;
            writer.Write(string.Create(CultureInfo.InvariantCulture, $"{time.Pass.TotalSeconds,9:0.000}  {time.Verifier.TotalSeconds,9:0.000}  {share * 100,5:0.0} %  {stage}\n"));
        }
    }
}
