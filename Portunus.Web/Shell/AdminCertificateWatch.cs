using System.Runtime.InteropServices;

namespace Portunus.Web.Shell;

/// <summary>Looks at the certificate's files every ten seconds, and at once on SIGHUP, as tools that renew certificates send it.</summary>
internal sealed class AdminCertificateWatch(AdminCertificate certificate, TimeProvider clock, ILogger<AdminCertificateWatch> log) : BackgroundService
{
    private static readonly TimeSpan s_often = TimeSpan.FromSeconds(10);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var asked = PosixSignalRegistration.Create(PosixSignal.SIGHUP, signal =>
        {
            signal.Cancel = true;
            certificate.Look(log, clock.GetUtcNow());
        });
        using var timer = new PeriodicTimer(s_often, clock);
        do
        {
            certificate.Look(log, clock.GetUtcNow());
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }
}
