using Portunus.Edge.Loop;

namespace Portunus.Tests.Edge.Loop;

public sealed class SlotTableTests
{
    [Fact]
    public void Find_SlotReusedAfterRemove_OldTagFindsNobody()
    {
        var table = new SlotTable();
        var first = new Nobody();
        var second = new Nobody();
        var old = table.Add(first);
        table.Remove(old);
        var fresh = table.Add(second);

        Assert.Equal((uint)old, (uint)fresh);
        Assert.Null(table.Find(old));
        Assert.Same(second, table.Find(fresh));
    }

    [Fact]
    public void Remove_StaleTag_LeavesTheNewOwner()
    {
        var table = new SlotTable();
        var old = table.Add(new Nobody());
        table.Remove(old);
        var second = new Nobody();
        var fresh = table.Add(second);
        table.Remove(old);
        Assert.Same(second, table.Find(fresh));
        Assert.Equal(1, table.Count);
    }

    [Fact]
    public void Add_Thousands_EachIsFound()
    {
        var table = new SlotTable();
        var all = Enumerable.Range(0, 5000).Select(_ => new Nobody()).ToArray();
        var tags = all.Select(table.Add).ToArray();
        for (var i = 0; i < all.Length; i++)
        {
            Assert.Same(all[i], table.Find(tags[i]));
        }

        Assert.Equal(tags.Length, tags.Distinct().Count());
        Assert.DoesNotContain(0UL, tags);
        Assert.Null(table.Find(0));
        Assert.Null(table.Find(ulong.MaxValue));
    }

    private sealed class Nobody : Pollable
    {
        public override void Ready(uint events, long now) => throw new InvalidOperationException();

        public override void Fault(Exception error) => throw new InvalidOperationException();
    }
}
