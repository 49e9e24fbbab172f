namespace BiMamba.Runtime.Threads;

/// <summary>Cuts a range into pieces.</summary>
internal static class Ranges
{
    /// <summary>Pieces of equal length, a multiple of the grain, but for a shorter last one.</summary>
    /// <param name="length">Items.</param>
    /// <param name="grain">Items that stay together.</param>
    /// <param name="most">Pieces at most.</param>
    public static (int PerPiece, int Count) Cut(int length, int grain, int most)
    {
        var grains = (length + grain - 1) / grain;
        most = Math.Clamp(most, 1, Math.Max(1, Math.Min(grains, Team.MaxPieces)));
        var perPiece = Math.Max(1, (grains + most - 1) / most) * grain;
        return (perPiece, (length + perPiece - 1) / perPiece);
    }
}
