using System.Globalization;
using BiMamba.Bisection.Planting;
using BiMamba.Diagnostics;
using BiMamba.Frontend.Text;
using BiMamba.Passes;
using BiMamba.Pipeline;
using BiMamba.Pipeline.Instruments;
using BiMamba.Testing;
using BiMamba.Text;

namespace BiMamba.Bisection;

/// <summary>A fault planted in the result of each pass is named: the pass, the layer, the value and the weight; and a small module shows it.</summary>
public class PlantedFaultTests(ITestOutputHelper output)
{
    /// <summary>A reproducer is a few kilobytes.</summary>
    private const long MaxBytes = 16 << 10;

    public static TheoryData<string, int> All
    {
        get
        {
            var data = new TheoryData<string, int>();
            foreach (var pass in Exact)
            {
                for (var fault = 0; fault < Faults.Of(pass.Info.Name).Length; fault++)
                    data.Add(pass.Info.Name, fault);
            }

            return data;
        }
    }

    /// <summary>A fault in an approximate pass cannot be told from its approximation by logits: those are judged by the outputs of official code.</summary>
    private static IEnumerable<Pass> Exact => PassTable.All.Where(pass => !pass.Info.IsApproximate);

    [Fact]
    public void Every_pass_has_a_site() =>
        Assert.Equal(Exact.Select(pass => pass.Info.Name).Order(StringComparer.Ordinal), Site.All.Keys.Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(All))]
    public void A_fault_is_named_and_reproduced(string pass, int index)
    {
        var site = Site.All[pass];
        var fault = Faults.Of(pass)[index];
        using var model = GoldenModels.Import(site.Model);
        var faulty = new FaultyPass(PassTable.All.Single(candidate => candidate.Info.Name == pass), fault.Apply);
        var result = GoldenModels.Bisect(model.Module, GoldenModels.Pipeline(site.Pipeline, faulty), site.Tolerance);
        output.WriteLine($"{pass}: {fault}\n{Show(result)}");

        var culprit = result.Culprit;
        Assert.NotNull(culprit);
        Assert.Equal(site.Stage, culprit.Stage);
        Assert.Equal(fault.Block, culprit.Block?.Name);
        Assert.True(culprit.IsSudden && culprit.Block!.IsAlone);
        Assert.Equal(site.Visible(fault.Value), culprit.Tensor?.Value);
        if (fault.Role.Length > 0)
            Assert.Equal(Faults.Weight(fault, faulty.Result!), culprit.Tensor!.Resources[0]);
        else
            Assert.Empty(culprit.Tensor!.Resources);
        CheckReproducer(result, faulty, fault);
    }

    [Theory]
    [MemberData(nameof(Sites))]
    public void Without_a_fault_nothing_is_named(string pass)
    {
        var site = Site.All[pass];
        using var model = GoldenModels.Import(site.Model);
        var result = GoldenModels.Bisect(model.Module, GoldenModels.Pipeline(site.Pipeline), site.Tolerance);
        output.WriteLine(Show(result));
        Assert.Null(result.Culprit);
        Assert.All(result.Stages, stage => Assert.InRange(stage.FromInput!.Max, 0, site.Tolerance / 2));
    }

    public static TheoryData<string> Sites => [.. Site.All.Keys];

    /// <summary>The files, read back, lead to the same place.</summary>
    private static void CheckReproducer(BisectionResult result, FaultyPass faulty, Fault fault)
    {
        using var folder = new TemporaryFolder();
        var bag = new DiagnosticBag();
        var path = folder["repro.bmir"];
        var text = ReproducerText.Print(result);
        Assert.NotNull(text);
        Assert.True(IrFiles.Write(path, text, result.Culprit!.Reproducer!.Module, false, bag, TestContext.Current.CancellationToken), string.Join('\n', bag.Items));
        Assert.InRange(new FileInfo(path).Length + new FileInfo(IrFiles.WeightsPath(path)).Length, 1, MaxBytes);

        using var read = IrFiles.Open(path, bag);
        Assert.True(read is { HasWeights: true }, string.Join('\n', bag.Items));
        var lines = TextDirectives.Read(read.Text.Source);
        var ids = lines.Find(ReproducerText.IdsKey)!.Value.Split(',').Select(id => int.Parse(id, CultureInfo.InvariantCulture)).ToArray();
        var tolerance = double.Parse(lines.Find(ReproducerText.ToleranceKey)!.Value, CultureInfo.InvariantCulture);
        var again = GoldenModels.Bisect(read.Module, GoldenModels.Pipeline(lines.Find(Reproducer.Remaining)!.Value, faulty), tolerance, ids);
        Assert.Equal(0, again.Culprit?.Stage);
        Assert.Equal(fault.Block, again.Culprit?.Block?.Name);
        Assert.Equal(result.Culprit.Tensor!.Value, again.Culprit?.Tensor?.Value);

        // What is shown is the fault, not what the pass costs.
        var honest = GoldenModels.Bisect(read.Module, GoldenModels.Pipeline(lines.Find(Reproducer.Remaining)!.Value), tolerance, ids);
        Assert.Null(honest.Culprit);
    }

    private static string Show(BisectionResult result)
    {
        var lines = result.Stages.Select(stage => $"{stage.Stage}: {stage.FromInput} {string.Join("; ", stage.Problems)}").ToList();
        if (result.Culprit is { Tensor: { } tensor } culprit)
        {
            lines.Add($"{culprit.Block} alone; %{tensor.Value} of {tensor.OpAfter}, {tensor.FeaturesOff} off, [{string.Join(", ", tensor.Resources)}] {tensor.Difference}");
            lines.Add($"{culprit.Reproducer?.Module.Resources.Values.Sum(resource => resource.Data.ByteLength)} bytes of weights\n{ReproducerText.Print(result)}");
        }

        return string.Join('\n', lines);
    }
}
