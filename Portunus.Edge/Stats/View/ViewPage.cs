namespace Portunus.Edge.Stats.View;

/// <summary>What the screen shows.</summary>
internal enum ViewPage
{
    Overview,
    Detail,
    Errors,
    Help,
}

/// <summary>The order of the overview.</summary>
internal enum ViewOrder
{
    /// <summary>As in the plan.</summary>
    Plan,
    Rate,
    Total,
    Name,
    Flows,
}
