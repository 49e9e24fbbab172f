using System.Text.Json;
using BiMamba.CommandLine.Cards;
using BiMamba.Toolchain.Recipes;

namespace BiMamba.CommandLine.Tests;

/// <summary>JSON of others: names and strings that are no text are found before anybody asks for them.</summary>
public sealed class ForeignJsonTests
{
    [Theory]
    [InlineData("{\"\\ud800\":1}")]
    [InlineData("{\"pipeline\":\"\\udc00\"}")]
    [InlineData("[[\"\\ud83d\\ud83d\"]]")]
    [InlineData("{\"a\":1} {")]
    [InlineData("")]
    public void What_is_no_text_is_no_JSON(string json)
    {
        Assert.ThrowsAny<JsonException>(() => ForeignJson.Parse(json));
        Assert.Null(RecipeCalibration.Find(json));
        Assert.Null(CardRecipe.Of(json, null).Pipeline);
    }

    [Fact]
    public void Bytes_that_are_not_UTF8_are_refused() => Assert.ThrowsAny<JsonException>(() => ForeignJson.Parse([(byte)'"', 0xFF, (byte)'"']));

    [Fact]
    public void A_pair_is_text() => Assert.Equal("😀", ForeignJson.Parse("\"\\ud83d\\ude00\"").GetString());
}
