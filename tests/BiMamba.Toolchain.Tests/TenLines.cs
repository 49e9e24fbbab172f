using BiMamba.Toolchain;

namespace BiMamba.Toolchain.Tests;

/// <summary>The program of docs/LIBRARY.md: what stands between the braces of its method is what the document shows.</summary>
internal static class TenLines
{
    public static async Task Run()
    {
        using var model = Model.Load("golden/models/tiny-bimamba-official");
        await model.ConvertAsync("tiny.bimb", new ConvertOptions { Pipeline = "fold-fbi | pack" });
        using var packed = Model.Load("tiny.bimb");
        var result = packed.Evaluate("golden/text/held-64k.txt", new EvaluateOptions { Context = 1024, MaxWindows = 4 });
        Console.WriteLine($"{result.Perplexity:0.000} {result.BitsPerByte:0.000}");
        await foreach (var piece in packed.GenerateAsync("It was a dark", new GenerateOptions { MaxTokens = 32, Temperature = 0.8, Seed = 1 }))
            Console.Write(piece.Text);
    }
}
