namespace BiMamba.Comparison.Reports.Figures;

/// <summary>A rectangle in user units; <paramref name="Top"/> is above <paramref name="Bottom"/>.</summary>
internal readonly record struct Box(double Left, double Top, double Right, double Bottom)
{
    /// <summary>Whether another lies in it.</summary>
    public bool Contains(Box other) => other.Left >= Left && other.Right <= Right && other.Top >= Top && other.Bottom <= Bottom;

    /// <summary>The area that it has in common with another.</summary>
    public double Overlap(Box other) =>
        Math.Max(0, Math.Min(Right, other.Right) - Math.Max(Left, other.Left)) * Math.Max(0, Math.Min(Bottom, other.Bottom) - Math.Max(Top, other.Top));
}

/// <summary>Finds places for the labels of points, so that they cover neither points nor each other.</summary>
/// <param name="bounds">Where labels may be.</param>
internal sealed class LabelPlacer(Box bounds)
{
    private const double Gap = 4;
    private const double Step = 9;
    private const int Rings = 14;
    private const int NearRings = 3;

    // Sixteenths of a turn: right, left, above and below come first, then those between.
    private static readonly int[] Directions = [0, 8, 12, 4, 14, 2, 10, 6, 15, 1, 9, 7, 13, 11, 3, 5];
    private readonly List<Box> taken = [];

    /// <summary>Keeps labels away from a place.</summary>
    public void Avoid(Box box) => taken.Add(box);

    /// <summary>A place for a label: beside its point if there is room, else as near as there is.</summary>
    /// <param name="x">The point.</param>
    /// <param name="y">The point.</param>
    /// <param name="radius">Half of the size of its marker.</param>
    /// <param name="width">Width of the label.</param>
    /// <param name="height">Height of the label.</param>
    /// <param name="isNeeded">Whether it has to be somewhere: where there is no free place, it is where it covers least. Others have to be near or are left out.</param>
    /// <returns>Its box, and whether it is so far away that a line has to lead to it; null for a label that is left out.</returns>
    public (Box Box, bool NeedsLeader)? Place(double x, double y, double radius, double width, double height, bool isNeeded)
    {
        var (best, least, isFar) = (default(Box), double.PositiveInfinity, false);
        for (var ring = 0; ring < (isNeeded ? Rings : NearRings) && least > 0; ring++)
        {
            for (var direction = 0; direction < Directions.Length && least > 0; direction++)
            {
                var box = Candidate(x, y, radius, width, height, ring, direction);
                var covered = bounds.Contains(box) ? taken.Sum(box.Overlap) : double.PositiveInfinity;
                if (covered < least)
                    (best, least, isFar) = (box, covered, ring > 0);
            }
        }

        if (!isNeeded && least > 0)
            return null;
        taken.Add(best);
        return (best, isFar);
    }

    private static Box Candidate(double x, double y, double radius, double width, double height, int ring, int direction)
    {
        var angle = Math.Tau * Directions[direction] / Directions.Length;
        var (across, down) = (Math.Cos(angle), Math.Sin(angle));
        var reach = radius + Gap + (ring * Step);
        var (middleX, middleY) = (x + (across * (reach + (width / 2))), y + (down * (reach + (height / 2))));
        return new Box(middleX - (width / 2), middleY - (height / 2), middleX + (width / 2), middleY + (height / 2));
    }
}
