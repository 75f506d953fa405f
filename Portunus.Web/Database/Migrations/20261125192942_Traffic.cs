using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Portunus.Web.Database.Migrations
{
    /// <inheritdoc />
    public partial class Traffic : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "EdgeBoots",
                columns: table => new
                {
                    EdgeId = table.Column<string>(type: "TEXT", nullable: false),
                    Boot = table.Column<string>(type: "TEXT", nullable: false),
                    Sequence = table.Column<long>(type: "INTEGER", nullable: false),
                    IsFinal = table.Column<bool>(type: "INTEGER", nullable: false),
                    ChangedAt = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_EdgeBoots", x => new { x.EdgeId, x.Boot });
                });

            migrationBuilder.CreateTable(
                name: "RuleTotals",
                columns: table => new
                {
                    EdgeId = table.Column<string>(type: "TEXT", nullable: false),
                    RuleId = table.Column<string>(type: "TEXT", nullable: false),
                    Boot = table.Column<string>(type: "TEXT", nullable: false),
                    OwnerId = table.Column<string>(type: "TEXT", nullable: false),
                    BytesIn = table.Column<long>(type: "INTEGER", nullable: false),
                    BytesOut = table.Column<long>(type: "INTEGER", nullable: false),
                    Flows = table.Column<long>(type: "INTEGER", nullable: false),
                    DatagramsIn = table.Column<long>(type: "INTEGER", nullable: false),
                    DatagramsOut = table.Column<long>(type: "INTEGER", nullable: false),
                    DropsIn = table.Column<long>(type: "INTEGER", nullable: false),
                    DropsOut = table.Column<long>(type: "INTEGER", nullable: false),
                    Accepted = table.Column<long>(type: "INTEGER", nullable: false),
                    Refused = table.Column<long>(type: "INTEGER", nullable: false),
                    Failed = table.Column<long>(type: "INTEGER", nullable: false),
                    ChangedAt = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_RuleTotals", x => new { x.EdgeId, x.RuleId, x.Boot, x.OwnerId });
                });

            migrationBuilder.CreateIndex(
                name: "IX_RuleTotals_EdgeId_Boot",
                table: "RuleTotals",
                columns: new[] { "EdgeId", "Boot" });

            migrationBuilder.CreateIndex(
                name: "IX_RuleTotals_OwnerId",
                table: "RuleTotals",
                column: "OwnerId");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "EdgeBoots");

            migrationBuilder.DropTable(
                name: "RuleTotals");
        }
    }
}
