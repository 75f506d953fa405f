using Portunus.Edge.Stats.View;

namespace Portunus.Tests.Edge.Stats.View;

public sealed class BarsTests
{
    [Fact]
    public void Spark_Ramp_UsesEachBlock() => Assert.Equal(" ▁▂▃▄▅▆▇█", Bars.Spark([0, 1, 2, 3, 4, 5, 6, 7, 8], 9));

    [Fact]
    public void Spark_FewValues_StandAtTheRight() => Assert.Equal("    █", Bars.Spark([5], 5));

    [Fact]
    public void Spark_ManyValues_ShowsTheNewestOnTheirOwnScale() => Assert.Equal("▄█", Bars.Spark([1000, 1, 2], 2));

    [Fact]
    public void Spark_AlmostNothing_IsStillSeen() => Assert.Equal("▁█", Bars.Spark([1, 1e12], 2));

    [Fact]
    public void Spark_Nothing_IsBlank() => Assert.Equal("   ", Bars.Spark([0, 0], 3));

    [Fact]
    public void Draw_TwoRows_FillsTheLowerFirst() => Assert.Equal([" ▄█", "▄██"], Bars.Draw([4, 12, 16], 3, 2, 16));
}
