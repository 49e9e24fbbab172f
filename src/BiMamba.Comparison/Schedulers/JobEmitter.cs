using System.Collections.Immutable;
using System.Globalization;

namespace BiMamba.Comparison.Schedulers;

/// <summary>A scheduler that can spread the cells of a comparison over machines.</summary>
/// <param name="Name">The name on the command line.</param>
/// <param name="Summary">What is written for it.</param>
public sealed record Scheduler(string Name, string Summary)
{
    /// <summary>All schedulers.</summary>
    public static ImmutableArray<Scheduler> All { get; } =
    [
        new("slurm", "a job array for sbatch, and the merge behind it"),
        new("k8s", "an indexed Job for kubectl apply"),
        new("make", "a makefile whose targets are cells, for make -j"),
    ];
}

/// <summary>Writes the jobs of a comparison. Machines share the folders of the run file and of the results.</summary>
public static class JobEmitter
{
    /// <summary>The text for a scheduler.</summary>
    /// <param name="scheduler">Its name.</param>
    /// <param name="runFile">The run file.</param>
    /// <param name="work">The folder of the results.</param>
    /// <param name="cells">Cells of the comparison.</param>
    /// <param name="threads">Threads of a cell.</param>
    public static string Emit(string scheduler, string runFile, string work, int cells, int threads)
    {
        var command = $"bimambac compare {Quote(runFile)} --work {Quote(work)}";
        return scheduler switch
        {
            "slurm" => Slurm(command, cells, threads),
            "k8s" => Kubernetes(runFile, work, cells, threads),
            "make" => Make(command, cells, threads),
            _ => throw new ArgumentOutOfRangeException(nameof(scheduler), scheduler, "no such scheduler"),
        };
    }

    /// <summary>A word of a POSIX shell.</summary>
    private static string Quote(string word) => "'" + word.Replace("'", "'\\''", StringComparison.Ordinal) + "'";

    private static string Slurm(string command, int cells, int threads) => string.Create(CultureInfo.InvariantCulture, $"""
        #!/bin/sh
        #SBATCH --job-name=bimambac-compare
        #SBATCH --array=0-{cells - 1}
        #SBATCH --cpus-per-task={threads}
        # sbatch --parsable this file; then, with its job id:
        # sbatch --dependency=afterok:ID --wrap "{command.Replace("\"", "\\\"", StringComparison.Ordinal)} --merge --html compare.html"
        {command} --cell "$SLURM_ARRAY_TASK_ID" --threads {threads} --quiet

        """);

    private static string Kubernetes(string runFile, string work, int cells, int threads) => string.Create(CultureInfo.InvariantCulture, $"""
        # Set the image and the volume, which holds the models, the texts and the results of all pods.
        apiVersion: batch/v1
        kind: Job
        metadata:
          name: bimambac-compare
        spec:
          completionMode: Indexed
          completions: {cells}
          parallelism: {cells}
          backoffLimitPerIndex: 2
          template:
            spec:
              restartPolicy: Never
              containers:
                - name: cell
                  image: bimambac:latest
                  command: ["bimambac", "compare", {Json(runFile)}, "--work", {Json(work)}, "--cell", "$(JOB_COMPLETION_INDEX)", "--threads", "{threads}", "--quiet"]
                  resources:
                    requests:
                      cpu: "{threads}"
                  volumeMounts:
                    - name: data
                      mountPath: {Json(Path.GetDirectoryName(Path.GetFullPath(runFile)) ?? "/")}
              volumes:
                - name: data
                  persistentVolumeClaim:
                    claimName: bimambac-data

        """);

    /// <summary>A string of JSON, which YAML reads too.</summary>
    private static string Json(string text) => "\"" + System.Text.Json.JsonEncodedText.Encode(text) + "\"";

    private static string Make(string command, int cells, int threads)
    {
        var escaped = command.Replace("$", "$$", StringComparison.Ordinal);
        return string.Create(CultureInfo.InvariantCulture, $"""
            # make -j N: N cells at a time; finished cells are not repeated.
            CELLS := $(addprefix cell-,$(shell seq 0 {cells - 1}))
            .PHONY: merge $(CELLS)
            merge: $(CELLS)
            {'\t'}{escaped} --merge
            $(CELLS): cell-%:
            {'\t'}{escaped} --cell $* --threads {threads} --quiet

            """);
    }
}
