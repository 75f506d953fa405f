namespace Portunus.Tests.Shared.Ids;

/// <summary>Texts that look like ids, some of which Guid would take.</summary>
internal static class IdTexts
{
    public static TheoryData<string?> Odd() =>
    [
        null, "", "0190163d", "0190163d8694739baea5966c26f8ad91", "{0190163d-8694-739b-aea5-966c26f8ad91}", " 0190163d-8694-739b-aea5-966c26f8ad91",
        "0190163d-8694-739b-aea5-966c26f8ad91 ", "0x90163d-8694-739b-aea5-966c26f8ad91", "+190163d-8694-739b-aea5-966c26f8ad91",
        "0190163d-8694-739b-aea5-966c26f8ad9", "0190163d-8694-739b-aea5-966c26f8ad9g",
    ];
}
