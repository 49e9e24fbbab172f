using System.Reflection;

namespace BiMamba.Architecture.Tests.Packages;

/// <summary>Types as C# writes them, without namespaces, with the question marks of nullable references.</summary>
internal static class ApiNames
{
    private static readonly Dictionary<Type, string> Keywords = new()
    {
        [typeof(void)] = "void",
        [typeof(bool)] = "bool",
        [typeof(byte)] = "byte",
        [typeof(sbyte)] = "sbyte",
        [typeof(short)] = "short",
        [typeof(ushort)] = "ushort",
        [typeof(int)] = "int",
        [typeof(uint)] = "uint",
        [typeof(long)] = "long",
        [typeof(ulong)] = "ulong",
        [typeof(float)] = "float",
        [typeof(double)] = "double",
        [typeof(string)] = "string",
        [typeof(object)] = "object",
    };

    /// <summary>A type in a signature.</summary>
    public static string Of(Type type, NullabilityInfo? info = null)
    {
        if (type.IsByRef)
            type = type.GetElementType()!;
        if (Nullable.GetUnderlyingType(type) is { } inner)
            return Of(inner, info?.GenericTypeArguments is [var argument] ? argument : null) + "?";
        var mark = info?.ReadState == NullabilityState.Nullable && !type.IsValueType ? "?" : "";
        return (type.IsArray ? Of(type.GetElementType()!, info?.ElementType) + "[]" : Plain(type, info)) + mark;
    }

    /// <summary>A declared type: <c>Outer.Name&lt;T&gt;</c>.</summary>
    public static string Declared(Type type)
    {
        var name = type.Name.Split('`')[0];
        var own = type.GetGenericArguments().Skip(type.DeclaringType?.GetGenericArguments().Length ?? 0).Select(argument => argument.Name).ToArray();
        return (type.DeclaringType is { } outer ? Declared(outer) + "." : "") + name + (own.Length > 0 ? $"<{string.Join(", ", own)}>" : "");
    }

    private static string Plain(Type type, NullabilityInfo? info)
    {
        if (Keywords.TryGetValue(type, out var keyword))
            return keyword;
        if (type.IsPointer)
            return Of(type.GetElementType()!) + "*";
        var name = type.IsNested && !type.IsGenericParameter ? Declared(type.DeclaringType!) + "." + type.Name : type.Name;
        if (!type.IsGenericType)
            return name;
        var types = type.GetGenericArguments();
        var infos = info?.GenericTypeArguments;
        var arguments = string.Join(", ", types.Select((argument, i) => Of(argument, infos?.Length == types.Length ? infos[i] : null)));
        return type.FullName?.StartsWith("System.ValueTuple`", StringComparison.Ordinal) == true ? $"({arguments})" : $"{name.Split('`')[0]}<{arguments}>";
    }
}
