namespace BiMamba.IR.Reading;

/// <summary>A part of a module that a diagnostic can point to: a block, an op of it, or a resource; the module where all are null.</summary>
/// <param name="Block">Index of the block, or null.</param>
/// <param name="Op">Index of the op in its block, or null.</param>
/// <param name="Resource">Name of a resource, or null.</param>
public readonly record struct IrPart(int? Block = null, int? Op = null, string? Resource = null);
