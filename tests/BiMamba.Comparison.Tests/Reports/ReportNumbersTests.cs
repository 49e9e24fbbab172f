using BiMamba.Comparison.Reports;

namespace BiMamba.Comparison.Tests.Reports;

public sealed class ReportNumbersTests
{
    [Theory]
    [InlineData(12.34567, 3, "12.346")]
    [InlineData(0, 4, "0.0000")]
    [InlineData(6.6e-14, 4, "6.6e-14")]
    [InlineData(123456789, 3, "1.23e+8")]
    [InlineData(double.PositiveInfinity, 3, "inf")]
    [InlineData(double.NegativeInfinity, 3, "-inf")]
    [InlineData(double.NaN, 3, "nan")]
    public void Fixed(double value, int decimals, string expected) => Assert.Equal(expected, ReportNumbers.Fixed(value, decimals));

    [Theory]
    [InlineData(0.01234, "+0.0123")]
    [InlineData(-0.5, "-0.5000")]
    [InlineData(0.00001, "0.0000")]
    [InlineData(-0.00001, "0.0000")]
    [InlineData(0, "0.0000")]
    [InlineData(2e7, "+2e+7")]
    [InlineData(double.PositiveInfinity, "+inf")]
    public void Signed(double value, string expected) => Assert.Equal(expected, ReportNumbers.Signed(value, 4));

    [Theory]
    [InlineData(0.0012345, "0.00123")]
    [InlineData(0.5, "0.5")]
    [InlineData(12.34, "12.3")]
    [InlineData(358.528, "359")]
    [InlineData(5407.4, "5407")]
    [InlineData(0, "0")]
    [InlineData(1.5e-9, "1.5e-9")]
    public void Significant(double value, string expected) => Assert.Equal(expected, ReportNumbers.Significant(value));

    [Fact]
    public void Missing_values_are_a_dash() => Assert.Equal("-", ReportNumbers.Fixed((double?)null, 3));
}
