namespace BiMamba.Toolchain;

/// <summary>What a conversion does. Inputs are hashed while the rest goes on.</summary>
public enum ConversionStep
{
    /// <summary>Hashes the inputs for the recipe; units are bytes.</summary>
    HashInputs,

    /// <summary>Runs passes; units are bytes of weights.</summary>
    Passes,

    /// <summary>Writes tensors; units are bytes.</summary>
    Write,

    /// <summary>Reads tensors back from the disk; units are bytes.</summary>
    Verify,

    /// <summary>Compares the file with its source; units are windows.</summary>
    Validate,
}

/// <summary>How far a step of a conversion is. Steps behind <see cref="ConversionStep.Passes"/> begin with nothing done. Reported from any thread.</summary>
/// <param name="Step">The step.</param>
/// <param name="Stage">Name of the pass; empty in other steps.</param>
/// <param name="Item">What is being worked on, or what is known so far.</param>
/// <param name="Done">Units that are done.</param>
/// <param name="Total">Units in all.</param>
public readonly record struct ConversionProgress(ConversionStep Step, string Stage, string Item, long Done, long Total);
