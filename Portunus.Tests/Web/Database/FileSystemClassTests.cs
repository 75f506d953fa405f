using Portunus.Web.Database;

namespace Portunus.Tests.Web.Database;

/// <summary>Which file systems are refused, from mount tables as the kernel writes them.</summary>
public sealed class FileSystemClassTests
{
    private static readonly string[] s_mounts =
    [
        "22 1 254:1 / / rw,relatime shared:1 - ext4 /dev/vda1 rw",
        "30 22 0:26 / /run rw,nosuid,nodev shared:5 - tmpfs tmpfs rw,mode=755",
        "40 22 0:44 / /srv/share rw,relatime - nfs4 host:/export rw,vers=4.2",
        "41 22 0:45 / /srv/with\\040blank rw,relatime - cifs //host/share rw",
        "42 40 254:2 / /srv/share/local rw,relatime - xfs /dev/vdb rw",
        "43 22 0:46 / /home/me/remote rw - fuse.sshfs me@host: rw",
        "44 22 8:1 / /media/stick rw - fuseblk /dev/sda1 rw",
        "45 22 0:50 / /cover rw - ext4 /dev/vdc rw",
        "46 45 0:51 / /cover rw - ramfs none rw",
    ];

    [Theory]
    [InlineData("/var/lib/portunus", "ext4")]
    [InlineData("/run/portunus", "tmpfs")]
    [InlineData("/running", "ext4")]
    [InlineData("/srv/share", "nfs4")]
    [InlineData("/srv/share/a/b", "nfs4")]
    [InlineData("/srv/share/local/a", "xfs")]
    [InlineData("/srv/with blank/a", "cifs")]
    [InlineData("/cover/a", "ramfs")]
    public void Path_BelongsToItsNearestMount(string path, string type) => Assert.Equal(type, FileSystemClass.TypeOf(path, s_mounts));

    [Theory]
    [InlineData("/var/lib/portunus", null)]
    [InlineData("/media/stick/portunus", null)]
    [InlineData("/run/portunus", "in memory")]
    [InlineData("/cover/portunus", "in memory")]
    [InlineData("/srv/share/portunus", "network")]
    [InlineData("/srv/with blank/portunus", "network")]
    [InlineData("/home/me/remote", "network")]
    public void Kind_IsRefusedOrNot(string path, string? word)
    {
        var refusal = FileSystemClass.Refusal(path, s_mounts);
        if (word is null)
        {
            Assert.Null(refusal);
        }
        else
        {
            Assert.Contains(word, refusal, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void MemoryOfThisMachine_IsRefusedBehindALinkToo()
    {
        var link = Path.Combine(Path.GetTempPath(), $"pt-link-{Guid.NewGuid():N}");
        Directory.CreateSymbolicLink(link, "/dev/shm");
        try
        {
            Assert.Contains("memory", FileSystemClass.Refusal(link, File.ReadLines("/proc/self/mountinfo")), StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(link);
        }
    }
}
