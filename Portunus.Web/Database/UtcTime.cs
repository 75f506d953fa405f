using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace Portunus.Web.Database;

/// <summary>Times are kept as UTC ticks (100 ns since year 1): SQLite sorts and compares them as numbers, exactly.</summary>
internal sealed class UtcTime() : ValueConverter<DateTimeOffset, long>(time => time.UtcTicks, ticks => new DateTimeOffset(ticks, TimeSpan.Zero));
