using System.Text;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Evaluation;
using BiMamba.Tensors;
using BiMamba.Toolchain.Models;

namespace BiMamba.CommandLine.Commands;

/// <summary>Token ids from the command line or a file, checked against a model.</summary>
internal static class TokenIds
{
    /// <summary>The ids of exactly one of two options; null with an error where that is not so or an id is bad.</summary>
    public static int[]? Read(string? list, string? file, LoadedModel model, DiagnosticBag diagnostics)
    {
        if ((list is null) == (file is null))
        {
            diagnostics.Add(CommandDiagnostics.Conflict, "expected one of --ids and --ids-file", Place.None);
            return null;
        }

        var name = file ?? "--ids";
        int[]? ids;
        if (list is not null)
        {
            ids = TokenIdFile.ParseText(name, Encoding.UTF8.GetBytes(list), diagnostics);
        }
        else
        {
            using var map = FileMap.Open(name, diagnostics);
            if (map is null)
                return null;
            if (map.Length > CorpusReader.MaxBytes)
            {
                diagnostics.Add(RuntimeDiagnostics.TokenFile, $"expected at most {CorpusReader.MaxBytes} bytes, found {map.Length}", Place.OfFile(name));
                return null;
            }

            ids = TokenIdFile.Parse(name, map.Copy(0, (int)map.Length), model.Module.VocabularyRows, diagnostics);
        }

        if (ids is null)
            return null;
        if (ids.Length > 0)
            return CorpusReader.CheckIds(ids, model.Module.VocabularyRows, name, diagnostics) ? ids : null;
        diagnostics.Add(RuntimeDiagnostics.TokenFile, "expected at least one id, found none", Place.OfFile(name));
        return null;
    }
}
