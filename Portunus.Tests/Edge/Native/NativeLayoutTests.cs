using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Runtime.CompilerServices;
using Portunus.Edge.Native;
using Portunus.Tests.Kit;

namespace Portunus.Tests.Edge.Native;

/// <summary>Our layouts and numbers against those of this machine's C headers.</summary>
public sealed class NativeLayoutTests
{
    [CompilerFact]
    public void Layouts_AsTheCCompilerSeesThem_Match()
    {
        var told = RunC("""
            #define _GNU_SOURCE
            #include <stdio.h>
            #include <stddef.h>
            #include <errno.h>
            #include <fcntl.h>
            #include <netinet/in.h>
            #include <netinet/tcp.h>
            #include <sys/epoll.h>
            #include <sys/socket.h>
            #include <sys/ioctl.h>
            int main(void) {
              printf("epoll_event %zu\n", sizeof(struct epoll_event));
              printf("epoll_data %zu\n", offsetof(struct epoll_event, data));
              printf("sockaddr_in6 %zu\n", sizeof(struct sockaddr_in6));
              printf("sin_addr %zu\n", offsetof(struct sockaddr_in, sin_addr));
              printf("sin6_addr %zu\n", offsetof(struct sockaddr_in6, sin6_addr));
              printf("sin6_scope %zu\n", offsetof(struct sockaddr_in6, sin6_scope_id));
              printf("AF_INET6 %d\n", AF_INET6);
              printf("EAGAIN %d\nEMFILE %d\nEADDRINUSE %d\nEINPROGRESS %d\nECONNRESET %d\nETIMEDOUT %d\nEPROTO %d\n",
                EAGAIN, EMFILE, EADDRINUSE, EINPROGRESS, ECONNRESET, ETIMEDOUT, EPROTO);
              printf("EPOLLEXCLUSIVE %u\nEPOLLET %u\nEPOLLRDHUP %u\n", (unsigned)EPOLLEXCLUSIVE, (unsigned)EPOLLET, (unsigned)EPOLLRDHUP);
              return 0;
            }
            """);
        Assert.Equal(told["epoll_event"], EpollEvents.Stride);
        Assert.Equal(told["epoll_data"], EpollEvents.Stride - 8);
        Assert.Equal(SockAddr.MaxLength, told["sockaddr_in6"]);
        Assert.Equal(told["sockaddr_in6"], Unsafe.SizeOf<SockAddr>());
        Assert.Equal((4, 8, 24), (told["sin_addr"], told["sin6_addr"], told["sin6_scope"]));
        Assert.Equal(SockAddr.FamilyInet6, told["AF_INET6"]);
        foreach (var error in new[] { Errno.EAGAIN, Errno.EMFILE, Errno.EADDRINUSE, Errno.EINPROGRESS, Errno.ECONNRESET, Errno.ETIMEDOUT, Errno.EPROTO })
        {
            Assert.Equal(told[error.ToString()], (long)error);
        }

        Assert.Equal(EpollCalls.Exclusive, told["EPOLLEXCLUSIVE"]);
        Assert.Equal(EpollCalls.EdgeTriggered, told["EPOLLET"]);
        Assert.Equal(EpollCalls.PeerShutdown, told["EPOLLRDHUP"]);
    }

    [Theory]
    [InlineData("127.0.0.1", 80)]
    [InlineData("::1", 443)]
    [InlineData("2001:db8::17", 65535)]
    [InlineData("fe80::1%3", 1)]
    public void SockAddr_RoundTrip_KeepsAddressPortAndScope(string text, int port)
    {
        var address = IPAddress.Parse(text);
        var native = SockAddr.From(address, port);
        Assert.Equal(address, native.ToAddress());
        Assert.Equal(port, native.Port);
    }

    [Fact]
    public void SockAddr_MappedAddress_IsUnmappedAndOthersAreLeftAlone()
    {
        var mapped = SockAddr.From(IPAddress.Parse("::ffff:10.1.2.3"), 99);
        Assert.Equal(SockAddr.From(IPAddress.Parse("10.1.2.3"), 99), mapped.Unmapped());
        var plain = SockAddr.From(IPAddress.Parse("::1:10.1.2.3"), 99);
        Assert.Equal(plain, plain.Unmapped());
    }

    internal static Dictionary<string, long> RunC(string source)
    {
        var folder = Directory.CreateTempSubdirectory("portunus-c-");
        try
        {
            var file = Path.Combine(folder.FullName, "layout.c");
            File.WriteAllText(file, source);
            var program = Path.Combine(folder.FullName, "layout");
            Run(CompilerFactAttribute.Compiler ?? "cc", file, "-o", program);
            return Run(program)
                .Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(line => line.Split(' '))
                .ToDictionary(words => words[0], words => long.Parse(words[1], CultureInfo.InvariantCulture));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static string Run(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start");
        var output = process.StandardOutput.ReadToEnd();
        var errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, errors);
        return output;
    }
}
