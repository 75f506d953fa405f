#!/usr/bin/env python3
"""Answers datagrams and prints who really sent each, behind a UDP rule whose target has proxy_protocol = "v2" or "v2-each".

usage: udp-real-address.py PORT FORWARDER
PORT       where to listen
FORWARDER  the address of the edge: whoever else sends a header could claim to be anybody, and is not heard
"""
import ipaddress
import socket
import struct
import sys

SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"


def split(datagram):
    """The source that the header names (None: the forwarder itself, as in its health checks), and the payload behind it."""
    command, family, length = struct.unpack_from("!BBH", datagram, 12)
    addresses, payload = datagram[16:16 + length], datagram[16 + length:]
    if command != 0x21 or family not in (0x12, 0x22):
        return None, payload
    size = 4 if family == 0x12 else 16
    (port,) = struct.unpack_from("!H", addresses, 2 * size)
    return (str(ipaddress.ip_address(addresses[:size])), port), payload


def main(port, forwarder):
    flows = {}  # Each flow comes from a port of its own, so what its first datagram said holds for all of them.
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listening:
        listening.bind(("", port))
        print("listening", flush=True)
        while True:
            payload, sender = listening.recvfrom(65535)
            if sender[0] != forwarder:
                continue
            if payload.startswith(SIGNATURE) and len(payload) >= 16:
                flows[sender], payload = split(payload)
            print(flows.get(sender), "says", payload, flush=True)
            listening.sendto(payload, sender)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(int(sys.argv[1]), sys.argv[2])
