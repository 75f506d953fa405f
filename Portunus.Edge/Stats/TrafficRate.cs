namespace Portunus.Edge.Stats;

/// <summary>What moved between two looks, per second.</summary>
/// <param name="BytesIn">Bytes per second to the target.</param>
/// <param name="BytesOut">Bytes per second to the connecting side.</param>
/// <param name="Flows">New flows per second.</param>
/// <param name="DatagramsIn">Datagrams per second to the target; 0 for TCP.</param>
/// <param name="DatagramsOut">Datagrams per second to the connecting side; 0 for TCP.</param>
internal readonly record struct TrafficRate(double BytesIn, double BytesOut, double Flows, double DatagramsIn = 0, double DatagramsOut = 0);
