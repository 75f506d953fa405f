using Portunus.Web.Database;

namespace Portunus.Tests.Kit;

/// <summary>A data directory of its own for one test, on a disk: where the system's temporary folder is memory, the other one is taken.</summary>
internal sealed class DataFolder : IDisposable
{
    public string Path { get; } = Make();

    public string File(string name) => System.IO.Path.Combine(Path, name);

    public void Dispose() => Directory.Delete(Path, recursive: true);

    private static string Make()
    {
        var temporary = System.IO.Path.GetTempPath();
        var place = FileSystemClass.Refusal(temporary, System.IO.File.ReadLines("/proc/self/mountinfo")) is null ? temporary : "/var/tmp";
        return Directory.CreateDirectory(System.IO.Path.Combine(place, $"pt-{Guid.NewGuid().ToString("N")[..8]}")).FullName;
    }
}
