using System.Reflection;

namespace BiMamba.Toolchain.Recipes;

/// <summary>The version of the toolchain.</summary>
internal static class ToolVersion
{
    /// <summary>The version with the commit that it was built from.</summary>
    public static string Build { get; } = typeof(ToolVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;

    /// <summary>The released version, without the commit: it goes into files, whose bytes do not depend on a build.</summary>
    public static string Text { get; } = Build.Split('+')[0];
}
