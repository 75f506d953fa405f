using Microsoft.Extensions.Logging;

namespace Portunus.Edge.Hosting;

/// <summary>Tells how many descriptors the process may have, and warns where they are few.</summary>
internal static class DescriptorNotice
{
    /// <summary>Fewer descriptors than this are worth a warning.</summary>
    private const ulong FewDescriptors = 4096;

    /// <summary>Two sockets, and two pipes of two ends each while bulk moves.</summary>
    private const ulong DescriptorsPerFlow = 6;

    /// <param name="log">Told.</param>
    /// <param name="descriptors">How many; null where the kernel does not say.</param>
    public static void Tell(ILogger log, ulong? descriptors)
    {
        if (descriptors is not { } limit)
        {
            return;
        }

        if (limit < FewDescriptors)
        {
            log.DescriptorLimitLow(limit, limit / DescriptorsPerFlow);
        }
        else
        {
            log.DescriptorLimit(limit);
        }
    }
}
