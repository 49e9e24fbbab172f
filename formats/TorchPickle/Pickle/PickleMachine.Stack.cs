using BiMamba.Diagnostics.Tables;

namespace BiMamba.Formats.TorchPickle.Pickle;

/// <content>Stack, memo and containers.</content>
internal sealed partial class PickleMachine
{
    private bool Push(PickleValue value)
    {
        if (stack.Count == PickleLimits.Stack)
            return Fail(TorchDiagnostics.PickleLimit, $"expected at most {PickleLimits.Stack} values on the stack, found more");
        stack.Add(value);
        return true;
    }

    private bool Peek(out PickleValue value)
    {
        value = PickleOpaque.None;
        // A value below the last mark is not for this instruction.
        if (stack.Count == (marks.Count == 0 ? 0 : marks[^1]))
            return Malformed("expected a value for the instruction, found an empty stack");
        value = stack[^1];
        return true;
    }

    private bool Pop(out PickleValue value)
    {
        if (!Peek(out value))
            return false;
        stack.RemoveAt(stack.Count - 1);
        return true;
    }

    private bool Mark()
    {
        if (marks.Count == PickleLimits.Stack)
            return Fail(TorchDiagnostics.PickleLimit, $"expected at most {PickleLimits.Stack} open marks, found more");
        marks.Add(stack.Count);
        return true;
    }

    /// <summary>Takes everything above the last mark, and the mark.</summary>
    private bool PopMark(out PickleValue[] items)
    {
        items = [];
        if (marks.Count == 0)
            return Malformed("expected a mark for the instruction, found none");
        var start = marks[^1];
        marks.RemoveAt(marks.Count - 1);
        items = [.. stack[start..]];
        stack.RemoveRange(start, stack.Count - start);
        return true;
    }

    private bool Memoize(ulong index)
    {
        if (!Peek(out var value))
            return false;
        memo[index] = value;
        return memo.Count <= PickleLimits.Memo || Fail(TorchDiagnostics.PickleLimit, $"expected at most {PickleLimits.Memo} values in the memo, found more");
    }

    private bool Recall(ulong index) =>
        memo.TryGetValue(index, out var value) ? Push(value) : Malformed($"expected a value of the memo, found the index {index}, which has none");

    private bool Tuple(int count)
    {
        var items = new PickleValue[count];
        for (var i = count - 1; i >= 0; i--)
        {
            if (!Pop(out items[i]))
                return false;
        }

        return Push(new PickleTuple(items));
    }

    private bool List()
    {
        if (!PopMark(out var items))
            return false;
        var list = new PickleList();
        list.Items.AddRange(items);
        return Push(list);
    }

    private bool Append(ReadOnlySpan<PickleValue> items)
    {
        if (!Peek(out var target))
            return false;
        if (target is PickleList list)
            list.Items.AddRange(items);
        return target is PickleList || target == PickleOpaque.Refused || Malformed($"expected a list to append to, found {target.Kind}");
    }

    private bool Dict()
    {
        if (!PopMark(out var pairs))
            return false;
        return Push(new PickleDict()) && SetItems(pairs);
    }

    private bool SetItem() => Pop(out var value) && Pop(out var key) && SetItems([key, value]);

    private bool SetItems(ReadOnlySpan<PickleValue> pairs)
    {
        if (!Peek(out var target))
            return false;
        if (pairs.Length % 2 != 0)
            return Malformed("expected a value for each key, found a key without one");
        if (target is PickleDict dict)
        {
            for (var i = 0; i < pairs.Length; i += 2)
                dict.Items.Add(new(pairs[i], pairs[i + 1]));
        }

        return target is PickleDict || target == PickleOpaque.Refused || Malformed($"expected a dict to set items of, found {target.Kind}");
    }

    private bool AddToSet() =>
        Peek(out var target) && (target == PickleOpaque.Set || target == PickleOpaque.Refused || Malformed($"expected a set to add to, found {target.Kind}"));
}
