namespace Portunus.Edge.Targets;

/// <summary>RFC 1035 4.1.1, the codes a stub resolver tells apart. Others occur as their number.</summary>
internal enum DnsResponseCode
{
    NoError = 0,
    FormatError = 1,
    ServerFailure = 2,
    NoSuchName = 3,
    NotImplemented = 4,
    Refused = 5,
}
