namespace BiMamba.Comparison.Published;

/// <summary>Results that others published: they stand beside measured ones, never among them.</summary>
/// <param name="Title">What was measured, such as the task or text.</param>
/// <param name="Source">Where it is published: a citation or an address.</param>
/// <param name="Version">Which version of the source.</param>
/// <param name="Columns">Headers of the values, with units.</param>
/// <param name="Rows">The models.</param>
public sealed record PublishedTable(string Title, string Source, string Version, IReadOnlyList<string> Columns, IReadOnlyList<PublishedRow> Rows);

/// <summary>A model of a published table.</summary>
/// <param name="Model">The model as the source names it.</param>
/// <param name="Method">How it was made low-bit, as the source names it.</param>
/// <param name="Values">A value for every column as it is printed there, null where the source has none.</param>
public sealed record PublishedRow(string Model, string Method, IReadOnlyList<string?> Values);
