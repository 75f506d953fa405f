using System.Runtime.InteropServices;

namespace Portunus.Edge.Native;

/// <summary>What a system call answered: a count or descriptor, or the error. No exception: EAGAIN is ordinary here.</summary>
internal readonly struct SysResult
{
    private readonly long _raw;

    private SysResult(long raw) => _raw = raw;

    public bool IsOk => _raw >= 0;

    /// <summary>The returned count or descriptor; meaningless on an error.</summary>
    public int Value => (int)_raw;

    public Errno Error => _raw >= 0 ? Errno.None : (Errno)(-_raw);

    public bool IsAgain => _raw == -(long)Errno.EAGAIN;

    /// <summary>Takes errno, which the generated stub saved right after the call, where the call failed.</summary>
    public static SysResult From(nint returned) => new(returned >= 0 ? returned : -(long)Marshal.GetLastPInvokeError());

    public static SysResult Failed(Errno error) => new(-(long)error);

    public override string ToString() => IsOk ? Value.ToString() : Error.ToString();
}
