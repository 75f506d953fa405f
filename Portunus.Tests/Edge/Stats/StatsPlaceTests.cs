using Portunus.Edge.Stats;
using Portunus.Tests.Kit;

namespace Portunus.Tests.Edge.Stats;

public sealed class StatsPlaceTests
{
    [Theory]
    [InlineData(null, null, "/run/portunus/edge.sock")]
    [InlineData(null, "/run/user/1000", "/run/user/1000/portunus/edge.sock")]
    [InlineData("/run/portunus-a:/run/b", "/run/user/1000", "/run/portunus-a/edge.sock")]
    [InlineData("", "", "/run/portunus/edge.sock")]
    public void DefaultFor_Variables_NearestFirst(string? runtime, string? user, string expected) =>
        Assert.Equal(expected, StatsPlace.DefaultFor(name => name == "RUNTIME_DIRECTORY" ? runtime : name == "XDG_RUNTIME_DIR" ? user : null));

    [Theory]
    [InlineData("/run/user/0/portunus/edge.sock /run/portunus/edge.sock", "/run/user/0/portunus/edge.sock")]
    [InlineData("/run/portunus/edge.sock", "/run/portunus/edge.sock")]
    [InlineData("/run/portunus-edge-linked/edge.sock", "/run/portunus-edge-linked/edge.sock")]
    [InlineData("/run/portunus-edge-linked/edge.sock /run/portunus/edge.sock", "/run/portunus/edge.sock")]
    [InlineData("", "/run/user/0/portunus/edge.sock")]
    public void ToReadFor_WhatExists_OwnThenSystemWide(string existing, string expected) =>
        Assert.Equal(expected, StatsPlace.ToReadFor(name => name == "XDG_RUNTIME_DIR" ? "/run/user/0" : null, existing.Split(' ').Contains));
}
