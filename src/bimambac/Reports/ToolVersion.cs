using System.Reflection;

namespace BiMamba.CommandLine.Reports;

/// <summary>The version of the toolchain.</summary>
internal static class ToolVersion
{
    /// <summary>The released version, without the commit: it goes into files, whose bytes do not depend on a build.</summary>
    public static string Text { get; } = typeof(ToolVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];
}
