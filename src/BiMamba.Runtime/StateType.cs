namespace BiMamba.Runtime;

/// <summary>What the states of scans are stored as between tokens. Arithmetic is fp32.</summary>
public enum StateType
{
    /// <summary>fp32: nothing is rounded.</summary>
    F32,

    /// <summary>bf16, rounded to nearest even after every step: half the bytes that a token moves for its state.</summary>
    BF16,
}
