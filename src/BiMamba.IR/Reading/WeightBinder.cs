using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Text;

namespace BiMamba.IR.Reading;

/// <summary>Finds the weights of a module of IR text by name and checks that they are those of the text.</summary>
public static class WeightBinder
{
    /// <summary>The usual cause, said once a text.</summary>
    private const string Hint = "where passes have changed weights, the line '; ran: PIPELINE' at the head of the text makes them again from the model";

    /// <summary>
    /// The module with its weights; null where the bag got an error: a resource is missing, has another type, or another
    /// content than the text's hash says, for which it is read whole.
    /// </summary>
    /// <param name="text">The module of a text.</param>
    /// <param name="find">The resource with the weights of a declared one, or null where there is none of its name.</param>
    /// <param name="source">Where the weights come from, for diagnostics.</param>
    /// <param name="diagnostics">Receives errors, at the lines of the resources.</param>
    public static Module? Bind(IrText text, Func<Resource, Resource?> find, string source, DiagnosticBag diagnostics)
    {
        var resources = text.Module.Resources.ToBuilder();
        var failed = false;
        foreach (var declared in text.Module.Resources.Values)
        {
            var found = find(declared);
            if (Reject(declared, found, source) is { } reason)
            {
                text.Report(diagnostics, IrTextDiagnostics.Weights, reason, new IrPart(Resource: declared.Name), failed ? null : Hint);
                failed = true;
            }
            else
            {
                resources[declared.Name] = found!;
            }
        }

        return failed ? null : text.Module with { Resources = resources.ToImmutable() };
    }

    private static string? Reject(Resource declared, Resource? found, string source)
    {
        if (found is null)
            return $"expected the weights of @{TextEscapes.Name(declared.Name)} in {source}, found none of this name";
        if (found.TypeText != declared.TypeText)
            return $"expected {declared.TypeText}, found {found.TypeText} in {source}";
        return declared.ShortHash is { } hash && found.ShortHash != hash ? $"expected weights of hash #{hash}, found #{found.ShortHash} in {source}" : null;
    }
}
