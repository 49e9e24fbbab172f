using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;
using BiMamba.Testing;

namespace BiMamba.Architecture.Tests;

/// <summary>There is no mutable static state.</summary>
public sealed class StaticStateTests
{
    // Dictionaries and sets that are filled where they stand are tables; these have no such use.
    private static readonly Type[] Mutable =
    [
        typeof(List<>), typeof(Queue<>), typeof(Stack<>), typeof(System.Collections.Concurrent.ConcurrentDictionary<,>), typeof(System.Collections.Concurrent.ConcurrentBag<>),
        typeof(System.Collections.Concurrent.ConcurrentQueue<>), typeof(StringBuilder), typeof(Random), typeof(ThreadLocal<>), typeof(AsyncLocal<>), typeof(ConditionalWeakTable<,>), typeof(StrongBox<>),
    ];

    [Fact]
    public void No_static_field_can_be_assigned() =>
        Offenders.None(ProductAssemblies.StaticFields().Where(IsWritten).Select(Name));

    [Fact]
    public void No_static_field_holds_a_collection_that_grows() =>
        Offenders.None(ProductAssemblies.StaticFields().Where(row => !IsMadeByTheCompiler(row.DeclaringType) && IsMutable(row.FieldType)).Select(Name));

    [Fact]
    public void The_tests_look_at_every_assembly()
    {
        Assert.True(ProductAssemblies.StaticFields().Count() > 100);
        Assert.True(IsWritten(typeof(Counter).GetFields(BindingFlags.Static | BindingFlags.NonPublic).Single()));
    }

    // The field of a property is made by the compiler in a type that is not: a static property with a setter is found.
    private static bool IsWritten(FieldInfo row) =>
        !row.IsInitOnly && !row.IsLiteral && !IsMadeByTheCompiler(row.DeclaringType) && !row.Name.StartsWith("<>", StringComparison.Ordinal);

    private static bool IsMadeByTheCompiler(Type? type) =>
        type is not null && (type.IsDefined(typeof(CompilerGeneratedAttribute), inherit: false) || type.Name.StartsWith('<') || IsMadeByTheCompiler(type.DeclaringType));

    private static bool IsMutable(Type type) =>
        Mutable.Contains(type.IsGenericType ? type.GetGenericTypeDefinition() : type);

    private static string Name(FieldInfo row) => $"{row.DeclaringType}.{row.Name}";

    private static class Counter
    {
        internal static int Value { get; set; }
    }
}
