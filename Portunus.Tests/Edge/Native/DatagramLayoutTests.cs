using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Portunus.Edge.Native;
using Portunus.Tests.Kit;

namespace Portunus.Tests.Edge.Native;

/// <summary>Layouts and numbers of datagram calls against those of this machine's C headers.</summary>
public sealed class DatagramLayoutTests
{
    [CompilerFact]
    public void Layouts_AsTheCCompilerSeesThem_Match()
    {
        var told = NativeLayoutTests.RunC("""
            #define _GNU_SOURCE
            #include <stdio.h>
            #include <stddef.h>
            #include <netinet/in.h>
            #include <netinet/udp.h>
            #include <sys/socket.h>
            #include <linux/errqueue.h>
            int main(void) {
              printf("iovec %zu\n", sizeof(struct iovec));
              printf("msghdr %zu\n", sizeof(struct msghdr));
              printf("mmsghdr %zu\n", sizeof(struct mmsghdr));
              printf("iov %zu\niovlen %zu\ncontrol %zu\ncontrollen %zu\nflags %zu\nlen %zu\n",
                offsetof(struct msghdr, msg_iov), offsetof(struct msghdr, msg_iovlen), offsetof(struct msghdr, msg_control),
                offsetof(struct msghdr, msg_controllen), offsetof(struct msghdr, msg_flags), offsetof(struct mmsghdr, msg_len));
              printf("packet6 %zu\nsegment %zu\nerror %zu\n", CMSG_SPACE(sizeof(struct in6_pktinfo)), CMSG_SPACE(sizeof(unsigned short)),
                sizeof(struct sock_extended_err));
              printf("spec_dst %zu\nee_errno %zu\n", offsetof(struct in_pktinfo, ipi_spec_dst), offsetof(struct sock_extended_err, ee_errno));
              printf("MSG_TRUNC %d\n", MSG_TRUNC);
              return 0;
            }
            """);
        Assert.Equal((told["iovec"], told["msghdr"], told["mmsghdr"]), (Unsafe.SizeOf<IoVec>(), Unsafe.SizeOf<MsgHdr>(), Unsafe.SizeOf<MMsgHdr>()));
        Assert.Equal(
            (told["iov"], told["iovlen"], told["control"], told["controllen"], told["flags"], told["len"]),
            (Offset<MsgHdr>("Parts"), Offset<MsgHdr>("PartCount"), Offset<MsgHdr>("Control"), Offset<MsgHdr>("ControlLength"), Offset<MsgHdr>("Flags"), Offset<MMsgHdr>("Length")));
        Assert.Equal((told["packet6"], told["segment"]), (ControlMessages.PacketIpv6Length, ControlMessages.SegmentLength));
        Assert.Equal((16, 4, 0), (told["error"], told["spec_dst"], told["ee_errno"]));
        Assert.Equal(DatagramCalls.Truncated, told["MSG_TRUNC"]);
    }

    private static long Offset<T>(string field) => Marshal.OffsetOf<T>(field);
}
