using System.Diagnostics;
using BiMamba.Comparison.Schedulers;

namespace BiMamba.Comparison.Tests;

public sealed class JobEmitterTests
{
    [Fact]
    public void Slurm_has_an_array_of_the_cells()
    {
        var text = JobEmitter.Emit("slurm", "it's a run.json", "w", 12, 4);
        Assert.StartsWith("#!/bin/sh\n", text, StringComparison.Ordinal);
        Assert.Contains("#SBATCH --array=0-11\n", text, StringComparison.Ordinal);
        Assert.Contains("bimambac compare 'it'\\''s a run.json' --work 'w' --cell \"$SLURM_ARRAY_TASK_ID\" --threads 4", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Kubernetes_has_an_index_for_every_cell()
    {
        var text = JobEmitter.Emit("k8s", "/data/a \"b\".json", "/data/w", 12, 4);
        Assert.Contains("completionMode: Indexed\n  completions: 12\n", text, StringComparison.Ordinal);
        Assert.Contains("\"--cell\", \"$(JOB_COMPLETION_INDEX)\"", text, StringComparison.Ordinal);
        Assert.Contains("mountPath: \"/data\"", text, StringComparison.Ordinal);
        Assert.DoesNotContain('\t', text);
    }

    [Fact]
    public void Make_runs_every_cell_and_then_the_merge()
    {
        var text = JobEmitter.Emit("make", "run.json", "w", 3, 2);
        var folder = Directory.CreateTempSubdirectory();
        try
        {
            File.WriteAllText(Path.Combine(folder.FullName, "makefile"), text);
            var start = new ProcessStartInfo("make", ["-n"]) { WorkingDirectory = folder.FullName, RedirectStandardOutput = true, UseShellExecute = false };
            Process? make;
            try
            {
                make = Process.Start(start);
            }
            catch (System.ComponentModel.Win32Exception)
            {
                Assert.Skip("make is not installed");
                return;
            }

            using (make)
            {
                var lines = make!.StandardOutput.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
                make.WaitForExit();
                Assert.Equal([.. Enumerable.Range(0, 3).Select(i => $"bimambac compare 'run.json' --work 'w' --cell {i} --threads 2 --quiet"), "bimambac compare 'run.json' --work 'w' --merge"], lines);
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void Every_scheduler_of_the_table_is_known() =>
        Assert.All(Scheduler.All, scheduler => Assert.NotEmpty(JobEmitter.Emit(scheduler.Name, "run.json", "w", 1, 1)));
}
