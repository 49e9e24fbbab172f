using System.Reflection;

namespace BiMamba.Architecture.Tests;

/// <summary>The assemblies of all product projects.</summary>
internal static class ProductAssemblies
{
    public static IEnumerable<Assembly> All() =>
        Project.All().Where(project => !project.IsTest).Select(project => Assembly.Load(project.AssemblyName));

    public static IEnumerable<FieldInfo> StaticFields() =>
        All().SelectMany(assembly => assembly.GetTypes())
            .SelectMany(type => type.GetFields(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly));
}
