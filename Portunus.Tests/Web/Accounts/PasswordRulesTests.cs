using Portunus.Web.Accounts;

namespace Portunus.Tests.Web.Accounts;

/// <summary>Which passwords are taken.</summary>
public sealed class PasswordRulesTests
{
    [Theory]
    [InlineData("green horses run uphill")]
    [InlineData("v9$Kq2!mZx7#Lp")]
    [InlineData("zqPw7-74x3z-3xJs9-seCYc")]
    [InlineData("Kaffee um halb vier?")]
    [InlineData("пароль подлиннее")]
    [InlineData("  leading blanks count")]
    public void Good_IsTaken(string password) => Assert.Empty(PasswordRules.Check(password, "ada"));

    [Theory]
    [InlineData("", "password_missing")]
    [InlineData(null, "password_missing")]
    [InlineData("elevenchars", "password_too_short")]
    [InlineData("👩‍👩‍👧👩‍👩‍👧👩‍👩‍👧", "password_too_short")]
    [InlineData("password1234", "password_common")]
    [InlineData("P@ssw0rd12345", "password_common")]
    [InlineData("passwordpassword", "password_common")]
    [InlineData("qwertyuiop123", "password_common")]
    [InlineData("1q2w3e4r5t6y", "password_common")]
    [InlineData("aaaaaaaaaaaa", "password_common")]
    [InlineData("abcabcabcabc", "password_common")]
    [InlineData("123456789012", "password_common")]
    [InlineData("987654321098", "password_common")]
    [InlineData("Welcome2026!!", "password_common")]
    [InlineData("AdminAdmin2024", "password_common")]
    [InlineData("Summer2025!!!", "password_common")]
    [InlineData("iloveyou12345", "password_common")]
    [InlineData("changeme12345", "password_common")]
    [InlineData("ada-ada-ada-ada", "password_common")]
    [InlineData("adapassword1", "password_common")]
    [InlineData("correcthorsebatterystaple", "password_common")]
    public void Bad_IsRefused(string? password, string code) => Assert.Contains(code, PasswordRules.Check(password, "ada").Select(problem => problem.Code));

    [Fact]
    public void TooLong_IsRefused() => Assert.Contains("password_too_long", PasswordRules.Check(new string('x', 257), "ada").Select(problem => problem.Code));

    [Fact]
    public async Task Hash_IsOfTodaysCostAndOlderOnesAreKnown()
    {
        using var today = new PasswordHashes();
        var hash = await today.HashAsync("green horses", CancellationToken.None);
        // Identity's version 3 begins with its marker, the function (2 is HMAC-SHA512) and the count.
        var bytes = Convert.FromBase64String(hash!);
        Assert.Equal((1, 2, 210_000), (bytes[0], System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(1)), System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(5))));
        Assert.Equal(PasswordCheck.Right, await today.VerifyAsync(hash, "green horses", CancellationToken.None));
        Assert.Equal(PasswordCheck.Wrong, await today.VerifyAsync(hash, "green horse", CancellationToken.None));
        using var older = new PasswordHashes(1000);
        Assert.Equal(PasswordCheck.RightButOld, await today.VerifyAsync(await older.HashAsync("green horses", CancellationToken.None), "green horses", CancellationToken.None));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public async Task AccountWithoutAPassword_IsNeverRight(string? hash)
    {
        using var hashes = new PasswordHashes(1000);
        Assert.Equal(PasswordCheck.Wrong, await hashes.VerifyAsync(hash, "", CancellationToken.None));
    }
}
