using Portunus.Edge.Native;

namespace Portunus.Tests.Edge.Native;

public sealed unsafe class ControlMessagesTests
{
    [Theory]
    [InlineData(SockAddr.FamilyInet, 0x0100007FUL, 0UL)]
    [InlineData(SockAddr.FamilyInet6, 0x1122334455667788UL, 0x99AABBCCDDEEFF00UL)]
    public void Local_WrittenAndRead_IsTheSame(ushort family, ulong high, ulong low)
    {
        var control = stackalloc byte[ControlMessages.MaxLength];
        var length = ControlMessages.WriteLocal(control, family, high, low);

        ControlMessages.Read(control, (nuint)length, out var told);

        Assert.Equal((high, low, 0), (told.LocalHigh, told.LocalLow, told.SegmentSize));
    }

    [Fact]
    public void Read_RandomBytes_NeverReachesPastTheEnd()
    {
        var random = new Random(4711);
        var bytes = new byte[ControlMessages.MaxLength];
        for (var round = 0; round < 100_000; round++)
        {
            random.NextBytes(bytes);
            // Small lengths are what gets past the first check.
            bytes[random.Next(2)] &= 0x3F;
            bytes.AsSpan(2, 6).Clear();
            var length = random.Next(bytes.Length + 1);
            fixed (byte* pointer = bytes)
            {
                ControlMessages.Read(pointer, (nuint)length, out _);
                var found = ControlMessages.Find(pointer, (nuint)length, pointer[8], pointer[12], 4);
                Assert.True(found is null || (found >= pointer && found + 4 <= pointer + length));
            }
        }
    }

    [Fact]
    public void Read_LengthBeyondTheEnd_TellsNothing()
    {
        var control = stackalloc byte[ControlMessages.MaxLength];
        var length = ControlMessages.WriteLocal(control, SockAddr.FamilyInet6, 1, 2);

        ControlMessages.Read(control, (nuint)length - 12, out var told);

        Assert.Equal((0UL, 0UL), (told.LocalHigh, told.LocalLow));
    }
}
