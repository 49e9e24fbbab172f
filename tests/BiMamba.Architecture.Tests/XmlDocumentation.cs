using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace BiMamba.Architecture.Tests;

/// <summary>The documentation comments that the compiler writes beside an assembly, as Markdown.</summary>
internal static partial class XmlDocumentation
{
    public static string Summary(Type type) => Summary(type.Assembly, "T:" + type.FullName);

    public static string Summary(FieldInfo row) => Summary(row.DeclaringType!.Assembly, $"F:{row.DeclaringType.FullName}.{row.Name}");

    private static string Summary(Assembly assembly, string member)
    {
        var document = XDocument.Load(Path.Combine(AppContext.BaseDirectory, assembly.GetName().Name + ".xml"));
        var summary = document.Descendants("member").Single(element => element.Attribute("name")?.Value == member).Element("summary")!;
        return Blanks().Replace(string.Concat(summary.Nodes().Select(Markdown)), " ").Trim();
    }

    private static string Markdown(XNode node) => node switch
    {
        XText text => text.Value,
        XElement { Name.LocalName: "c" } code => $"`{code.Value}`",
        XElement { Name.LocalName: "see" } see => $"`{see.Attribute("cref")!.Value.Split('.')[^1]}`",
        _ => throw new InvalidOperationException($"unknown documentation {node}"),
    };

    [GeneratedRegex(@"\s+", RegexOptions.None, 1000)]
    private static partial Regex Blanks();
}
