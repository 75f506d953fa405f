using System.Runtime.InteropServices;

namespace Portunus.Edge.Native;

/// <summary>
/// rtnetlink(7), RTM_GETROUTE: asks the kernel where a packet to an address would go. It answers within the call, from the tables
/// that a connect would use an instant later, so there is no list of addresses to keep up with.
/// </summary>
internal static unsafe partial class RouteCalls
{
    private const int FamilyNetlink = 16; // AF_NETLINK
    private const int Raw = 3; // SOCK_RAW
    private const int NonBlock = 0x800; // SOCK_NONBLOCK
    private const int CloseOnExec = 0x80000; // SOCK_CLOEXEC
    private const int HeaderLength = 16; // struct nlmsghdr
    private const int RouteLength = 12; // struct rtmsg
    private const int AttributeLength = 4; // struct rtattr
    private const ushort GetRoute = 26; // RTM_GETROUTE
    private const ushort NewRoute = 24; // RTM_NEWROUTE
    private const ushort ErrorMessage = 2; // NLMSG_ERROR
    private const ushort Request = 1; // NLM_F_REQUEST
    private const ushort Destination = 1; // RTA_DST
    private const int TypeOffset = HeaderLength + 7; // rtm_type
    private const int AnswerRoom = 4096;

    public static SysResult Open() => SysResult.From(socket(FamilyNetlink, Raw | NonBlock | CloseOnExec, 0));

    /// <summary>A <see cref="RouteKind"/> or an error; one caller at a time for a descriptor, each with another sequence number.</summary>
    public static SysResult KindOf(int fd, in SockAddr address, uint sequence)
    {
        var bytes = address.Address;
        var length = HeaderLength + RouteLength + AttributeLength + bytes.Length;
        var question = stackalloc byte[HeaderLength + RouteLength + AttributeLength + 16];
        new Span<byte>(question, length).Clear();
        *(uint*)question = (uint)length;
        *(ushort*)(question + 4) = GetRoute;
        *(ushort*)(question + 6) = Request;
        *(uint*)(question + 8) = sequence;
        question[HeaderLength] = (byte)address.Family;
        question[HeaderLength + 1] = (byte)(bytes.Length * 8);
        var attribute = question + HeaderLength + RouteLength;
        *(ushort*)attribute = (ushort)(AttributeLength + bytes.Length);
        *(ushort*)(attribute + 2) = Destination;
        bytes.CopyTo(new Span<byte>(attribute + AttributeLength, bytes.Length));
        var sent = SysResult.From(send(fd, question, (nuint)length, 0));
        return sent.IsOk ? Answer(fd, sequence) : sent;
    }

    private static SysResult Answer(int fd, uint sequence)
    {
        var answer = stackalloc byte[AnswerRoom];
        while (true)
        {
            var received = SysResult.From(recv(fd, answer, AnswerRoom, 0));
            if (!received.IsOk)
            {
                return received;
            }

            if (received.Value < HeaderLength + 4 || *(uint*)(answer + 8) != sequence)
            {
                continue;
            }

            switch (*(ushort*)(answer + 4))
            {
                case ErrorMessage:
                    var error = -*(int*)(answer + HeaderLength);
                    return error > 0 ? SysResult.Failed((Errno)error) : SysResult.From((nint)RouteKind.None);
                case NewRoute when received.Value > TypeOffset:
                    return SysResult.From(answer[TypeOffset]);
                default:
                    continue;
            }
        }
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int socket(int domain, int type, int protocol);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint send(int fd, byte* buffer, nuint length, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint recv(int fd, byte* buffer, nuint length, int flags);
}
