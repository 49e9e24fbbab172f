using System.Collections.Immutable;
using System.Runtime.InteropServices;
using BiMamba.Diagnostics;
using BiMamba.IR;
using BiMamba.Pipeline;
using BiMamba.Tensors;

namespace BiMamba.Toolchain.Journal;

/// <summary>Checks that a block of a journal can stand in a module before anything runs it.</summary>
internal static class BlockFit
{
    /// <summary>Why a block cannot stand in place of one, or null where it can.</summary>
    /// <param name="finished">The block of the journal.</param>
    /// <param name="module">The module before the block is rewritten, at the level of the result.</param>
    /// <param name="index">Index of the block.</param>
    public static string? Reject(FinishedBlock finished, Module module, int index)
    {
        var (block, old) = (finished.Block, module.Blocks[index]);
        if (block.Name != old.Name || block.Parameter != old.Parameter || block.Return != old.Return)
            return $"expected the block {old.Name} with its parameter and result, found {block.Name}";
        if (old.Body.SelectMany(op => op.Results).FirstOrDefault(value => block.Find(value.Name) != value) is { } lost)
            return $"expected {lost} of {lost.Type}, found none";
        if (finished.Resources.FirstOrDefault(resource => module.Resources.ContainsKey(resource.Name)) is { } known)
            return $"expected new resources, found {known.Name}, which is there already";
        var bag = new DiagnosticBag();
        var result = module with
        {
            Resources = module.Resources.AddRange(finished.Resources.Select(resource => KeyValuePair.Create(resource.Name, resource))),
            Blocks = module.Blocks.SetItem(index, block),
        };
        if (!Verifier.Verify(result.WithoutUnusedResources(), "journal", bag))
            return bag.Items[0].Message;
        return block.Body.Select(op => RejectValues(op, result.Resources)).FirstOrDefault(reason => reason is not null);
    }

    /// <summary>What the verifier does not see: numbers by which kernels find others, and those of small vocabularies.</summary>
    private static string? RejectValues(Op op, ImmutableSortedDictionary<string, Resource> resources)
    {
        foreach (var (role, name) in op.Operands.Where(operand => operand.IsResource).Select(operand => (operand.Role, operand.Name)))
        {
            var resource = resources[name];
            if (resource.Encoding == Encoding.Trit && MemoryMarshal.Cast<byte, sbyte>(resource.Data.ToBytes()).ContainsAnyExceptInRange((sbyte)-1, (sbyte)1))
                return $"{name}: expected -1, 0 and +1, found another number";
            if (op.Code != OpCode.CodeLinear)
                continue;
            if (role is "codes" or "zero" && resource.Encoding == Encoding.U8 && resource.Data.ToBytes().AsSpan().ContainsAnyExceptInRange((byte)0, (byte)((1 << op.Int(Attributes.CodeBits)) - 1)))
                return $"{name}: expected codes of {op.Int(Attributes.CodeBits)} bits, found a larger one";
            if (role == "order" && !MemoryMarshal.Cast<byte, uint>(resource.Data.ToBytes()).ToArray().Order().Select((column, at) => column == at).All(same => same))
                return $"{name}: expected every column once, found another order";
        }

        return null;
    }
}
