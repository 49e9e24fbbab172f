using BiMamba.Tokenizers.Models;

namespace BiMamba.Tokenizers.Tests;

public class MergerTests
{
    [Fact]
    public void Scan_and_heap_merge_as_the_definition()
    {
        var random = new Random(7);
        for (var round = 0; round < 300; round++)
        {
            // Random merges, later ones over products of earlier ones; a rank may also make an old id.
            var merges = new List<(int Left, int Right, int Made)>();
            for (var rank = 0; rank < 40; rank++)
                merges.Add((random.Next(4 + rank), random.Next(4 + rank), random.Next(3) == 0 ? random.Next(4 + rank) : 4 + rank));
            var merger = new Merger(new MergeTable(merges));
            foreach (var length in (int[])[0, 1, 2, 17, 64, 65, 66, 200])
            {
                var word = Enumerable.Range(0, length).Select(_ => random.Next(4)).ToArray();
                var expected = Define(word, merges);
                var count = merger.Merge(word);
                Assert.Equal(expected, word[..count]);
            }
        }
    }

    [Fact]
    public void The_later_of_two_equal_merges_counts()
    {
        var table = new MergeTable([(0, 1, 2), (1, 1, 3), (0, 1, 4)]);
        Assert.Equal(2, table.Rank(0, 1));
        Assert.Equal(4, table.Made(2));
        Assert.Equal(MergeTable.None, table.Rank(1, 0));
    }

    [Fact]
    public void A_megabyte_of_one_letter_merges()
    {
        // Doubling merges: a quadratic merge would take hours.
        var merges = Enumerable.Range(0, 20).Select(i => (i, i, i + 1)).ToList();
        var word = new int[1 << 20];
        Assert.Equal(1, new Merger(new MergeTable(merges)).Merge(word));
        Assert.Equal(20, word[0]);
    }

    private static List<int> Define(int[] word, List<(int Left, int Right, int Made)> merges)
    {
        var ranks = new Dictionary<(int, int), int>();
        for (var rank = 0; rank < merges.Count; rank++)
            ranks[(merges[rank].Left, merges[rank].Right)] = rank;
        var symbols = word.ToList();
        while (true)
        {
            var best = (Rank: int.MaxValue, At: -1);
            for (var i = 0; i + 1 < symbols.Count; i++)
            {
                if (ranks.TryGetValue((symbols[i], symbols[i + 1]), out var rank) && rank < best.Rank)
                    best = (rank, i);
            }

            if (best.At < 0)
                return symbols;
            symbols[best.At] = merges[best.Rank].Made;
            symbols.RemoveAt(best.At + 1);
        }
    }
}
