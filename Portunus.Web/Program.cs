var builder = WebApplication.CreateSlimBuilder(args);
builder.WebHost.UseUrls("http://127.0.0.1:7080");

var app = builder.Build();
app.MapGet("/healthz", () => "ok\n");
await app.RunAsync();
