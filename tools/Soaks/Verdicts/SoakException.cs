namespace Portunus.Soaks.Verdicts;

/// <summary>A run cannot go on; its message is the finding.</summary>
public sealed class SoakException : Exception
{
    public SoakException()
    {
    }

    public SoakException(string message)
        : base(message)
    {
    }

    public SoakException(string message, Exception cause)
        : base(message, cause)
    {
    }
}
