using System.Collections.Immutable;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;

namespace BiMamba.Formats.Spec;

/// <summary>What <c>else</c> may say of a broken constraint.</summary>
/// <param name="Name">The word.</param>
/// <param name="Row">The diagnostic.</param>
/// <param name="Stops">True where the rest of the file means nothing once it is broken.</param>
/// <param name="Hint">What the user can do.</param>
public sealed record SpecClass(string Name, DiagnosticDescriptor Row, bool Stops, string? Hint);

/// <summary>The table of the words after <c>else</c>.</summary>
public static class SpecClasses
{
    /// <summary>All rows.</summary>
    public static ImmutableArray<SpecClass> All { get; } =
    [
        new("signature", BimbDiagnostics.Signature, true, "this is another kind of file"),
        new("version", BimbDiagnostics.Version, true, "use the version of the tool that wrote the file, or convert the checkpoint again"),
        new("unsupported", BimbDiagnostics.Unsupported, false, "use a newer version of the tool"),
        new("truncated", BimbDiagnostics.Truncated, false, "copy or convert the file again"),
        new("hash", BimbDiagnostics.SectionHash, false, "the file was changed after it was written: copy or convert it again"),
    ];

    /// <summary>The row of a word, or null.</summary>
    public static SpecClass? Find(string? name) => name is null ? null : All.FirstOrDefault(row => row.Name == name);

    /// <summary>The diagnostic of a written constraint.</summary>
    public static DiagnosticDescriptor RowOf(SpecConstraint constraint) => Find(constraint.Class)?.Row ?? constraint.Kind switch
    {
        SpecConstraintKind.Equal => BimbDiagnostics.DerivedValue,
        SpecConstraintKind.Where or SpecConstraintKind.Each => BimbDiagnostics.Constraint,
        SpecConstraintKind.Sorted => BimbDiagnostics.Order,
        SpecConstraintKind.Unique => BimbDiagnostics.DuplicateKey,
        _ => throw new InvalidOperationException($"unknown constraint {constraint.Kind}"),
    };

    /// <summary>The diagnostic of a value that an enum or the tag of a union does not know.</summary>
    public static DiagnosticDescriptor RowOfUnknown(string? className) => Find(className)?.Row ?? BimbDiagnostics.UnknownWord;
}
