using System.Text;
using Portunus.Shared.Toml;

namespace Portunus.Tests.Shared.Toml;

/// <summary>Whatever the bytes, reading ends, throws nothing and answers with places that lie in the text.</summary>
public sealed class TomlFuzzTests
{
    private const string Sample = """
        # a file with a little of everything
        title = "ports \u00e9 😀"
        [global]
        when = 1979-05-27 07:32:00.5-07:00
        days = [1979-05-27, 07:32:00, 1979-05-27T07:32:00]
        numbers = { dec = 1_000, hex = 0xBEEF, oct = 0o17, bin = 0b1, float = -6.02e-23, inf = +inf }
        lines = '''
        one ''two''
        '''
        more = '''first'''
        [[rule]]
        name.first = "web"
        targets = [
          { host = "10.0.0.1", port = 80 }, # one
          { host = "10.0.0.2", port = 80 },
        ]
        [rule.limits]
        on = true
        [[rule]]
        "quoted key" = '\literal'
        """;

    [Fact]
    public void RandomBytes_NeverThrow()
    {
        var random = new Random(20_261);
        for (var turn = 0; turn < 3000; turn++)
        {
            var bytes = new byte[random.Next(200)];
            random.NextBytes(bytes);
            Check(bytes);
        }
    }

    [Fact]
    public void RandomSyntax_NeverThrows()
    {
        const string Signs = "[]{}=\"'\\.,#\n\r\t +-_:0123456789abeftTZuUxn\u00e9";
        var random = new Random(20_262);
        for (var turn = 0; turn < 10_000; turn++)
        {
            var text = new string([.. Enumerable.Range(0, random.Next(80)).Select(_ => Signs[random.Next(Signs.Length)])]);
            Check(Encoding.UTF8.GetBytes(text));
        }
    }

    [Fact]
    public void MutatedFile_NeverThrows()
    {
        var sound = Encoding.UTF8.GetBytes(Sample.Replace("first'''", "fi\"rst'''", StringComparison.Ordinal));
        Assert.Empty(TomlReader.Read(sound).Errors);
        var random = new Random(20_263);
        for (var turn = 0; turn < 5000; turn++)
        {
            var bytes = sound.ToList();
            for (var edits = random.Next(1, 6); edits > 0; edits--)
            {
                Mutate(bytes, random);
            }

            Check([.. bytes]);
        }
    }

    private static void Mutate(List<byte> bytes, Random random)
    {
        var at = random.Next(bytes.Count);
        var length = Math.Min(random.Next(1, 12), bytes.Count - at);
        switch (random.Next(5))
        {
            case 0:
                bytes[at] = (byte)random.Next(256);
                break;
            case 1 when bytes.Count > 50:
                bytes.RemoveRange(at, length);
                break;
            case 2:
                bytes.InsertRange(random.Next(bytes.Count), bytes.GetRange(at, length));
                break;
            case 3:
                bytes[at] = (byte)"[]{}=\"'\\.,#\n"[random.Next(12)];
                break;
            default:
                bytes[at] ^= (byte)(1 << random.Next(8));
                break;
        }
    }

    private static void Check(byte[] bytes)
    {
        var result = TomlReader.Read(bytes);
        var lines = bytes.Count(one => one == '\n') + 1;
        Assert.InRange(result.Errors.Count, 0, TomlReader.MaxErrors);
        Assert.All(result.Errors, error =>
        {
            Assert.InRange(error.Place.Line, 1, lines);
            Assert.InRange(error.Place.Column, 1, bytes.Length + 1);
            Assert.NotEmpty(error.Text);
        });
        Assert.Equal(result.Errors.OrderBy(error => error.Place.Line).ThenBy(error => error.Place.Column), result.Errors);
    }
}
