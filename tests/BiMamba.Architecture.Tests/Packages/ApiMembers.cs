using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace BiMamba.Architecture.Tests.Packages;

/// <summary>Members as C# declares them, without bodies.</summary>
internal static class ApiMembers
{
    public static string Field(FieldInfo row, NullabilityInfoContext nullability)
    {
        var type = ApiNames.Of(row.FieldType, nullability.Create(row));
        if (row.IsLiteral)
            return $"const {type} {row.Name} = {Value(row.GetRawConstantValue())}";
        return $"{(row.IsStatic ? "static " : "")}{(row.IsInitOnly ? "readonly " : "")}{type} {row.Name}";
    }

    public static string Constructor(ConstructorInfo row) =>
        $"{(row.IsPublic ? "" : "protected ")}{row.DeclaringType!.Name.Split('`')[0]}({Parameters(row)})";

    public static string Property(PropertyInfo row, NullabilityInfoContext nullability)
    {
        var first = row.GetAccessors(nonPublic: true).First(accessor => PublicApi.IsSeen(accessor, isAccessor: true));
        var required = row.IsDefined(typeof(RequiredMemberAttribute)) ? "required " : "";
        var name = row.GetIndexParameters().Length > 0 ? $"this[{string.Join(", ", row.GetIndexParameters().Select(Parameter))}]" : row.Name;
        var accessors = row.GetAccessors(nonPublic: true).Where(accessor => PublicApi.IsSeen(accessor, isAccessor: true))
            .Select(accessor => (accessor.IsPublic || first.IsFamily ? "" : "protected ") + Accessor(accessor)).Order(StringComparer.Ordinal);
        return $"{Modifiers(first)}{required}{ApiNames.Of(row.PropertyType, nullability.Create(row))} {name} {{ {string.Join(' ', accessors)} }}";
    }

    public static string Method(MethodInfo row, string? name = null)
    {
        var generic = row.IsGenericMethod ? $"<{string.Join(", ", row.GetGenericArguments().Select(argument => argument.Name))}>" : "";
        var result = ApiNames.Of(row.ReturnType, new NullabilityInfoContext().Create(row.ReturnParameter));
        var reference = row.ReturnType.IsByRef ? "ref " : "";
        var constraints = row.IsGenericMethod ? Constraints(row.GetGenericArguments()) : "";
        return $"{(name is null ? Modifiers(row) : "")}{reference}{result} {name ?? row.Name}{generic}({Parameters(row)}){constraints}";
    }

    /// <summary>The clauses that say what type arguments may be.</summary>
    public static string Constraints(IEnumerable<Type> parameters) => string.Concat(parameters.Select(parameter =>
    {
        var attributes = parameter.GenericParameterAttributes;
        var isValue = attributes.HasFlag(GenericParameterAttributes.NotNullableValueTypeConstraint);
        string[] words =
        [
            .. attributes.HasFlag(GenericParameterAttributes.ReferenceTypeConstraint) ? ["class"] : (string[])[],
            .. isValue ? [parameter.CustomAttributes.Any(row => row.AttributeType.Name == "IsUnmanagedAttribute") ? "unmanaged" : "struct"] : (string[])[],
            .. parameter.GetGenericParameterConstraints().Where(type => type != typeof(ValueType)).Select(type => ApiNames.Of(type)),
            .. attributes.HasFlag(GenericParameterAttributes.DefaultConstructorConstraint) && !isValue ? ["new()"] : (string[])[],
        ];
        return words.Length > 0 ? $" where {parameter.Name} : {string.Join(", ", words)}" : "";
    }));

    private static string Modifiers(MethodBase row)
    {
        var access = row.IsPublic ? "" : "protected ";
        if (row.IsStatic)
            return access + (row.IsAbstract ? "static abstract " : "static ");
        if (row.DeclaringType!.IsInterface)
            return access;
        var isOverride = row is MethodInfo method && method.GetBaseDefinition() != method;
        if (row.IsAbstract)
            return access + (isOverride ? "abstract override " : "abstract ");
        if (isOverride)
            return access + (row.IsFinal ? "sealed override " : "override ");
        return access + (row.IsVirtual && !row.IsFinal ? "virtual " : "");
    }

    private static string Accessor(MethodInfo accessor)
    {
        if (accessor.ReturnType != typeof(void))
            return "get;";
        return accessor.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit)) ? "init;" : "set;";
    }

    private static string Parameters(MethodBase row) =>
        (row.IsDefined(typeof(ExtensionAttribute)) ? "this " : "") + string.Join(", ", row.GetParameters().Select(Parameter));

    private static string Parameter(ParameterInfo row)
    {
        var reference = (row.ParameterType.IsByRef, row.IsOut, row.IsIn) switch
        {
            (false, _, _) => "",
            (true, true, _) => "out ",
            (true, false, true) => "in ",
            (true, false, false) => "ref ",
        };
        var isParams = row.IsDefined(typeof(ParamArrayAttribute)) || row.IsDefined(typeof(ParamCollectionAttribute)) ? "params " : "";
        var value = row.HasDefaultValue ? $" = {Value(row.RawDefaultValue, row.ParameterType)}" : "";
        return $"{isParams}{reference}{ApiNames.Of(row.ParameterType, new NullabilityInfoContext().Create(row))} {row.Name}{value}";
    }

    private static string Value(object? value, Type? type = null) => value switch
    {
        null => type is { IsValueType: true } && Nullable.GetUnderlyingType(type) is null ? "default" : "null",
        string text => $"\"{text.Replace("\n", "\\n", StringComparison.Ordinal)}\"",
        bool flag => flag ? "true" : "false",
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => $"{value}",
    };
}
