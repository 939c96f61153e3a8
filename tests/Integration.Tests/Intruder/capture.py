"""Keeps what TCP carries on the loopback device between some ports, as a file of payloads in the order seen. Needs root.

    capture.py FIRST_PORT PORTS FILE

Prints a line when it has begun; ends when its input ends, and prints the packets and bytes kept, and those the system dropped.
"""
import select
import socket
import struct
import sys

ALL, STATISTICS, SOL_PACKET = 3, 6, 263


def payload(packet, ports):
    """The TCP payload of an Ethernet frame with IPv4 in it, when one of its ports is wanted."""
    if len(packet) < 34 or packet[12:14] != b"\x08\x00" or packet[23] != 6:
        return b""
    ip = 14
    tcp = ip + (packet[ip] & 15) * 4
    source, target = struct.unpack(">HH", packet[tcp:tcp + 4])
    if source not in ports and target not in ports:
        return b""
    return packet[tcp + (packet[tcp + 12] >> 4) * 4:ip + struct.unpack(">H", packet[ip + 2:ip + 4])[0]]


def main():
    ports = range(int(sys.argv[1]), int(sys.argv[1]) + int(sys.argv[2]))
    listening = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ALL))
    listening.setsockopt(socket.SOL_SOCKET, 33, 64 << 20)  # SO_RCVBUFFORCE
    listening.bind(("lo", 0))
    listening.setblocking(False)
    packets = kept = 0
    with open(sys.argv[3], "wb") as file:
        print("begun", flush=True)
        while True:
            ready, _, _ = select.select([listening, sys.stdin], [], [])
            if listening in ready:
                packet, address = listening.recvfrom(1 << 17)
                if address[2] == socket.PACKET_OUTGOING:  # loopback shows each twice
                    continue
                data = payload(packet, ports)
                packets, kept = packets + bool(data), kept + len(data)
                file.write(data)
            elif sys.stdin in ready:
                break
    _, dropped = struct.unpack("II", listening.getsockopt(SOL_PACKET, STATISTICS, 8))
    print(packets, kept, dropped, flush=True)


main()
