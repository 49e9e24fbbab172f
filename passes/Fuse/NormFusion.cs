using BiMamba.IR;
using BiMamba.Passes.Shared;
using BiMamba.Tensors;

namespace BiMamba.Passes.Fuse;

/// <summary>
/// The factor behind a norm moves into the norm's weight: that of a scale that is its only reader, or the column_scale of
/// a sign_linear that is.
/// </summary>
/// <remarks>
/// The weight is one number a column whatever the groups of the norm and wherever its gate stands, so the factors commute
/// with both. Of a sign_linear the shift vectors are divided by the factor (<see cref="ColumnFold"/>), a row shift
/// multiplies the sum of inputs that are not scaled and stands against it, and so does a column whose factor is 0 and whose
/// shift is not.
/// </remarks>
internal static class NormFusion
{
    /// <summary>The module with one block rewritten.</summary>
    public static Module Run(Module module, int index, FuseReport report)
    {
        // A norm can be followed by more than one factor, each behind the one before.
        while (module.Blocks[index].Body.FirstOrDefault(op => Reader(module.Blocks[index], op) is not null && !report.IsLeft(module.Blocks[index], op)) is { } norm)
        {
            var reader = Reader(module.Blocks[index], norm)!;
            module = (reader.Code == OpCode.Scale ? FuseScale(module, index, norm, reader, report) : FuseSign(module, index, norm, reader, report)) ?? module;
        }

        return module;
    }

    private static Op? Reader(Block block, Op norm)
    {
        if (norm.Code is not (OpCode.RmsNorm or OpCode.GatedRmsNorm))
            return null;
        return block.OnlyReader(norm.Result.Name) is { } reader && (reader.Code == OpCode.Scale || (reader.Code == OpCode.SignLinear && reader.Find("column_scale") is not null))
            ? reader
            : null;
    }

    private static Module? FuseScale(Module module, int index, Op norm, Op scale, FuseReport report)
    {
        var block = module.Blocks[index];
        var factor = module.Resources[scale.Get("weight")];
        if (norm.Find("weight") is not { } name)
            return Fused(module, index, block.Replace(norm, norm.With(Operand.Resource("weight", factor.Name)) with { Results = scale.Results }, scale), report);
        var weight = module.Resources[name];
        if (!CanChange(module, block, norm, weight, [factor], report))
            return null;
        if (Multiply(weight.Data.ToSingles(), factor.Data.ToSingles(), out var reason) is not { } product)
        {
            report.Leave(block, norm, $"@{factor.Name}: {reason}");
            return null;
        }

        module = Put(module, new Resource(name, MemoryTensor.Vector(product)));
        return Fused(module, index, block.Replace(norm, norm with { Results = scale.Results }, scale), report);
    }

    private static Module? FuseSign(Module module, int index, Op norm, Op linear, FuseReport report)
    {
        var block = module.Blocks[index];
        var factor = module.Resources[linear.Get("column_scale")];
        if (linear.Find("row_shift") is { } rowShift)
        {
            report.Leave(block, norm, $"@{rowShift} multiplies the sum of the inputs as they are");
            return null;
        }

        var shifts = ((string[])["column_shift", "zero_shift"]).Where(role => linear.Find(role) is not null).ToList();
        if (norm.Find("weight") is null && shifts.Count == 0)
            return Fused(module, index, Bare(block, norm, linear, norm.With(Operand.Resource("weight", factor.Name)), linear), report);
        var weight = norm.Find("weight") is { } name ? module.Resources[name] : null;
        if (!CanChange(module, block, norm, weight, [factor, .. shifts.Select(role => module.Resources[linear.Get(role)])], report))
            return null;
        if (Fold(module, linear, factor, weight, out var reason) is not { } fold)
        {
            report.Leave(block, norm, $"@{factor.Name}: {reason}");
            return null;
        }

        var folded = weight is null ? norm.With(Operand.Resource("weight", factor.Name)) : norm;
        if (weight is not null)
            module = Put(module, new Resource(weight.Name, MemoryTensor.Vector(fold.NormWeight)));
        var rest = linear;
        foreach (var role in shifts)
        {
            var shift = rest.Get(role);
            var free = module.Uses(shift) == 1 ? shift : ResourceNames.Unique(shift, module.Resources.ContainsKey);
            module = Put(module, new Resource(free, MemoryTensor.Vector(role == "column_shift" ? fold.Shift : fold.ZeroShift)));
            rest = rest.With(role, free);
        }

        return Fused(module, index, Bare(block, norm, linear, folded, rest), report);
    }

    private static ColumnFold? Fold(Module module, Op linear, Resource factor, Resource? weight, out string? reason)
    {
        var steps = factor.Data.ToSingles();
        var levels = new FbiLevels(steps, Vector(module, linear, "column_shift", steps.Length), Vector(module, linear, "zero_shift", steps.Length));
        var ones = new float[steps.Length];
        Array.Fill(ones, 1);
        var fold = ColumnFold.TryCreate(levels, weight?.Data.ToSingles() ?? ones, out reason);
        // A column without a factor is its shift alone: folding it would change signs of the plane.
        var column = Array.FindIndex(steps, value => value == 0);
        while (fold is not null && column >= 0)
        {
            if (levels.Middle[column] != 0)
            {
                reason = $"column {column} has factor 0 and shift {levels.Middle[column]:R}";
                return null;
            }

            column = Array.FindIndex(steps, column + 1, value => value == 0);
        }

        return fold;
    }

    private static float[] Vector(Module module, Op linear, string role, int length) =>
        linear.Find(role) is { } name ? module.Resources[name].Data.ToSingles() : new float[length];

    /// <summary>The products, or null with the column whose product is of no use.</summary>
    private static float[]? Multiply(float[] weight, float[] factor, out string? reason)
    {
        var product = new float[weight.Length];
        for (var j = 0; j < product.Length; j++)
        {
            product[j] = weight[j] * factor[j];
            if (FoldGuard.Reject("weight times factor", product[j], weight[j] != 0 && factor[j] != 0) is not { } rejected)
                continue;
            reason = $"column {j}: {rejected}";
            return null;
        }

        reason = null;
        return product;
    }

    private static bool CanChange(Module module, Block block, Op norm, Resource? weight, IReadOnlyList<Resource> others, FuseReport report)
    {
        if (weight is not null && module.Uses(weight.Name) != 1)
        {
            report.Leave(block, norm, $"@{weight.Name} has other uses", "put 'untie' before it");
            return false;
        }

        if (others.All(resource => resource.HasData) && weight?.HasData != false)
            return true;
        report.LeaveForWeights(block, norm);
        return false;
    }

    private static IEnumerable<Op> Bare(Block block, Op norm, Op linear, Op newNorm, Op newLinear) =>
        block.Body.Select(op => ReferenceEquals(op, norm) ? newNorm : ReferenceEquals(op, linear) ? newLinear.Without("column_scale") : op);

    private static Module Fused(Module module, int index, IEnumerable<Op> body, FuseReport report)
    {
        report.Norms++;
        return module.WithBlock(index, module.Blocks[index].With(body));
    }

    private static Module Put(Module module, Resource resource) => module with { Resources = module.Resources.SetItem(resource.Name, resource) };
}
