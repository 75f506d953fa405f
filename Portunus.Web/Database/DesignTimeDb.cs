using Microsoft.EntityFrameworkCore.Design;

namespace Portunus.Web.Database;

/// <summary>What <c>dotnet ef migrations</c> looks at; it opens no file.</summary>
internal sealed class DesignTimeDb : IDesignTimeDbContextFactory<PortunusDb>
{
    public PortunusDb CreateDbContext(string[] args) => DbStartup.Open("design-time.db");
}
