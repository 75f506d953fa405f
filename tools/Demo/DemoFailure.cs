namespace Portunus.Demo;

/// <summary>The demo cannot go on, and why, in words for whoever started it.</summary>
internal sealed class DemoFailure : Exception
{
    public DemoFailure()
    {
    }

    public DemoFailure(string message)
        : base(message)
    {
    }

    public DemoFailure(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
