using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;

namespace BiMamba.Architecture.Tests.Packages;

/// <summary>What an assembly offers to others, as text: a line a type, a line a member, in ordinal order.</summary>
internal static class PublicApi
{
    private const BindingFlags Members = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    /// <summary>Prints all types of an assembly that others can see.</summary>
    public static string Print(Assembly assembly)
    {
        var text = new StringBuilder();
        foreach (var space in assembly.GetExportedTypes().GroupBy(type => type.Namespace, StringComparer.Ordinal).OrderBy(group => group.Key, StringComparer.Ordinal))
        {
            text.Append(text.Length > 0 ? "\n" : "").Append("namespace ").Append(space.Key).Append('\n');
            foreach (var type in space.OrderBy(ApiNames.Declared, StringComparer.Ordinal))
            {
                text.Append('\n').Append(TypeLine(type)).Append('\n');
                foreach (var member in MembersOf(type))
                    text.Append("    ").Append(member).Append('\n');
            }
        }

        return text.ToString();
    }

    private static string TypeLine(Type type)
    {
        if (IsDelegate(type))
            return "delegate " + ApiMembers.Method(type.GetMethod("Invoke")!, ApiNames.Declared(type));
        var bases = Bases(type).ToArray();
        return $"{Kind(type)} {ApiNames.Declared(type)}{(bases.Length > 0 ? " : " + string.Join(", ", bases) : "")}{ApiMembers.Constraints(type.GetGenericArguments())}";
    }

    private static string Kind(Type type)
    {
        if (type.IsEnum)
            return "enum";
        if (type.IsInterface)
            return "interface";
        var record = IsRecord(type) ? "record " : "";
        if (type.IsValueType)
            return (type.IsDefined(typeof(IsReadOnlyAttribute)) ? "readonly " : "") + (type.IsByRefLike ? "ref " : "") + record + "struct";
        var modifier = (type.IsAbstract, type.IsSealed) switch
        {
            (true, true) => "static ",
            (true, false) => "abstract ",
            (false, true) => "sealed ",
            (false, false) => "",
        };
        return modifier + (record.Length > 0 ? "record" : "class");
    }

    private static IEnumerable<string> Bases(Type type)
    {
        if (type.IsEnum)
            return type.GetEnumUnderlyingType() == typeof(int) ? [] : [ApiNames.Of(type.GetEnumUnderlyingType())];
        var inherited = type.BaseType?.GetInterfaces() ?? [];
        var interfaces = type.GetInterfaces().Except(inherited)
            .Where(row => row.IsVisible && !(IsRecord(type) && row == typeof(IEquatable<>).MakeGenericType(type)))
            .Select(row => ApiNames.Of(row)).Order(StringComparer.Ordinal);
        return type.BaseType is { } parent && parent != typeof(object) && parent != typeof(ValueType) ? interfaces.Prepend(ApiNames.Of(parent)) : interfaces;
    }

    private static IEnumerable<string> MembersOf(Type type)
    {
        if (type.IsEnum)
            return Enum.GetNames(type).Select(name => $"{name} = {Enum.Format(type, Enum.Parse(type, name), "D")}");
        if (IsDelegate(type))
            return [];
        var nullability = new NullabilityInfoContext();
        IEnumerable<string>[] all =
        [
            type.GetFields(Members).Where(row => IsSeen(row.Attributes)).Select(row => ApiMembers.Field(row, nullability)),
            type.GetConstructors(Members).Where(row => IsSeen(row)).Select(row => ApiMembers.Constructor(row)),
            type.GetProperties(Members).Where(row => row.GetAccessors(nonPublic: true).Any(accessor => IsSeen(accessor, isAccessor: true)) && row.Name != "EqualityContract").Select(row => ApiMembers.Property(row, nullability)),
            type.GetEvents(Members).Where(row => IsSeen(row.AddMethod!, isAccessor: true)).Select(row => $"event {ApiNames.Of(row.EventHandlerType!)} {row.Name}"),
            type.GetMethods(Members).Where(row => IsSeen(row) && (!row.IsSpecialName || row.Name.StartsWith("op_", StringComparison.Ordinal))).Select(row => ApiMembers.Method(row)),
        ];
        return all.SelectMany(lines => lines.Order(StringComparer.Ordinal));
    }

    /// <summary>True for a member that users of the type, or classes made from it, can name and that was written by hand.</summary>
    public static bool IsSeen(MethodBase row, bool isAccessor = false) =>
        (row.IsPublic || ((row.IsFamily || row.IsFamilyOrAssembly) && !row.DeclaringType!.IsSealed))
        && (isAccessor || !row.IsDefined(typeof(CompilerGeneratedAttribute)));

    private static bool IsSeen(FieldAttributes row) =>
        (row & FieldAttributes.FieldAccessMask) is FieldAttributes.Public or FieldAttributes.Family or FieldAttributes.FamORAssem && !row.HasFlag(FieldAttributes.SpecialName);

    private static bool IsDelegate(Type type) => type.IsSubclassOf(typeof(MulticastDelegate));

    private static bool IsRecord(Type type) =>
        type.GetMethod("PrintMembers", Members, [typeof(StringBuilder)])?.IsDefined(typeof(CompilerGeneratedAttribute)) == true;
}
