using System.Collections.Frozen;
using System.Text;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Formats.Common;
using BiMamba.Formats.TorchPickle.Pickle;

namespace BiMamba.Formats.TorchPickle;

/// <summary>Finds the named tensors of a checkpoint in what its pickle holds.</summary>
internal sealed class StateDict
{
    /// <summary>The deepest nesting of dictionaries.</summary>
    public const int MaxDepth = 32;

    /// <summary>The most items that are visited; dictionaries that are used many times could otherwise multiply.</summary>
    public const int MaxVisits = 2_000_000;

    /// <summary>The most characters of all names, for the same reason.</summary>
    public const int MaxNameCharacters = 32_000_000;

    private const string Plain = "save model.state_dict()";

    /// <summary>Keys under which training code keeps the state dict, most usual first.</summary>
    private static readonly string[] Wrappers = ["model", "state_dict", "model_state_dict", "module"];

    /// <summary>Keys of a training checkpoint that hold no weights of the model.</summary>
    private static readonly FrozenSet<string> TrainingState = new[]
    {
        "optimizer", "optimizers", "optimizer_state", "optimizer_states", "optimizer_state_dict", "optim", "optim_state_dict",
        "lr_scheduler", "lr_schedulers", "scheduler", "scheduler_state_dict", "scaler", "grad_scaler", "rng_state", "cuda_rng_state",
        "random_rng_state", "loops", "callbacks",
    }.ToFrozenSet(StringComparer.Ordinal);

    private readonly string path;
    private readonly DiagnosticBag found = new();
    private readonly Dictionary<string, PickleTensor> tensors = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> originals = new(StringComparer.Ordinal);
    private readonly HashSet<PickleDict> open = new(ReferenceEqualityComparer.Instance);
    private int visits;
    private int nameCharacters;
    private bool exhausted;

    private StateDict(string path) => this.path = path;

    /// <summary>
    /// The tensors of the state dict by name: of the first dictionary under a known wrapper key that holds tensors,
    /// otherwise of the whole value, with names of nested dictionaries joined by dots. Null with diagnostics if there
    /// are none or the names are refused.
    /// </summary>
    public static IReadOnlyDictionary<string, PickleTensor>? Find(string path, PickleValue root, DiagnosticBag diagnostics)
    {
        var finder = new StateDict(path);
        finder.Find(root);
        diagnostics.AddRange(finder.found);
        return finder.found.HasErrors ? null : finder.tensors;
    }

    private void Find(PickleValue root)
    {
        if (root is not PickleDict dict)
        {
            found.Add(TorchDiagnostics.NoStateDict, $"expected a dictionary of tensors, found {root.Kind}", Place.OfFile(path), Plain);
            return;
        }

        var ignored = new List<string>();
        for (var depth = 0; depth < MaxDepth && Unwrap(dict, ignored) is { } inner; depth++)
            dict = inner;
        var isWrapped = dict != root;
        Collect(dict, "", isWrapped ? null : ignored);
        if (tensors.Count == 0 && !found.HasErrors)
            found.Add(TorchDiagnostics.NoStateDict, $"expected tensors, found a dictionary of {dict.Items.Count} items without any", Place.OfFile(path), Plain);
        ReportIgnored(ignored);
        ReportUnwrapped();
    }

    /// <summary>The dictionary under the first wrapper key that holds tensors, null if there is none.</summary>
    private PickleDict? Unwrap(PickleDict dict, List<string> ignored)
    {
        foreach (var wrapper in Wrappers)
        {
            foreach (var (key, value) in dict.Items)
            {
                if (key is not PickleText text || !string.Equals(text.Value, wrapper, StringComparison.Ordinal) || value is not PickleDict inner || !HoldsTensors(inner, 0))
                    continue;
                ignored.AddRange(dict.Items.Where(item => item.Value != inner && HoldsTensors(item.Value, 0)).Select(item => item.Key is PickleText name ? name.Value : item.Key.Kind));
                return inner;
            }
        }

        return null;
    }

    private bool HoldsTensors(PickleValue value, int depth)
    {
        if (value is PickleTensor || value is not PickleDict dict || depth == MaxDepth)
            return value is PickleTensor;
        foreach (var (_, item) in dict.Items)
        {
            // Past the budget the search gives up; collecting reports it where it matters.
            if (++visits > MaxVisits)
                return false;
            if (HoldsTensors(item, depth + 1))
                return true;
        }

        return false;
    }

    private void Collect(PickleDict dict, string prefix, List<string>? ignored)
    {
        if (!open.Add(dict) || open.Count > MaxDepth)
        {
            found.Add(TorchDiagnostics.TooDeep, $"expected dictionaries nested at most {MaxDepth} deep, found '{Printable.Name(prefix)}' deeper or inside itself", Place.OfFile(path), Plain);
            return;
        }

        foreach (var (key, value) in dict.Items)
        {
            if (found.Dropped > 0 || exhausted)
                break;
            if (++visits > MaxVisits || nameCharacters > MaxNameCharacters)
            {
                exhausted = true;
                found.Add(TorchDiagnostics.TooDeep, $"expected at most {MaxVisits} items and {MaxNameCharacters} characters of names, found more", Place.OfFile(path), Plain);
                break;
            }

            if (key is not PickleText text || value is not (PickleTensor or PickleDict))
                continue;
            if (ignored is not null && prefix.Length == 0 && TrainingState.Contains(text.Value))
            {
                if (HoldsTensors(value, 0))
                    ignored.Add(text.Value);
                continue;
            }

            var name = prefix.Length == 0 ? text.Value : $"{prefix}.{text.Value}";
            if (Encoding.UTF8.GetByteCount(name) > TensorNames.MaxBytes)
                found.Add(TorchDiagnostics.BadName, $"expected a name of at most {TensorNames.MaxBytes} bytes, found {Encoding.UTF8.GetByteCount(name)}", new Place(path, Printable.Name(name)), "give the tensor a shorter name");
            else if (value is PickleTensor tensor)
                Add(name, tensor);
            else
                Collect((PickleDict)value, name, null);
        }

        open.Remove(dict);
    }

    private void Add(string original, PickleTensor tensor)
    {
        var name = TensorNames.Unwrap(original);
        nameCharacters += original.Length;
        if (tensors.TryAdd(name, tensor))
        {
            originals.Add(name, original);
            return;
        }

        found.Add(TorchDiagnostics.NameClash, $"expected one tensor of this name, found '{Printable.Name(originals[name])}' and '{Printable.Name(original)}'", new Place(path, Printable.Name(name)), "save the unwrapped model only");
    }

    private void ReportIgnored(List<string> ignored)
    {
        if (ignored.Count > 0)
            found.Add(TorchDiagnostics.TensorsIgnored, $"not read: {string.Join(", ", ignored.Take(8).Select(name => $"'{Printable.Name(name)}'"))}{(ignored.Count > 8 ? $" and {ignored.Count - 8} more" : "")}", Place.OfFile(path));
    }

    private void ReportUnwrapped()
    {
        var changed = originals.Where(pair => !string.Equals(pair.Key, pair.Value, StringComparison.Ordinal)).ToList();
        if (changed.Count == 0)
            return;
        var (name, original) = changed[0];
        found.Add(TorchDiagnostics.PrefixRemoved, $"wrapper prefixes removed from {changed.Count} names, such as '{Printable.Name(original)}', read as '{Printable.Name(name)}'", Place.OfFile(path));
    }
}
