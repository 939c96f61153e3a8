"""An intruder at a ring's ports, written without this project: ZeroMQ by python3-zmq, TLS by the ssl module, the rest on raw sockets.

    intruder.py PLAN.json

The plan names the ports, what to try ("deeds"), and in secure rings a certificate of the intruder's own. Every deed
prints one line of JSON when it is done. A "wire" in the plan is a port that one peer dials instead of another peer's: the
intruder sits between the two, passes everything on and keeps what the dialler says. It ends when its input ends.
"""
import json
import os
import random
import socket
import ssl
import struct
import sys
import threading
import time

try:
    import msgpack
    import zmq
    from zmq.utils import z85
except ImportError:
    sys.exit(3)

HOST = "127.0.0.1"
MOST_KEPT = 1 << 20  # bytes a connection, of what the wire records

# Greetings of ZeroMQ's protocol: signature, version, mechanism.
SIGNATURE = b"\xff\x00\x00\x00\x00\x00\x00\x00\x01\x7f"
PLAIN = SIGNATURE + b"\x03\x00" + b"NULL".ljust(20, b"\0") + bytes(32)
CURVE = SIGNATURE + b"\x03\x01" + b"CURVE".ljust(20, b"\0") + bytes(32)
READY = b"\x04\x19\x05READY\x0bSocket-Type\x00\x00\x00\x04PUSH"
# A READY command whose property claims 2^32 - 1 bytes; NetMQ ends its whole process for it.
MALFORMED = b"\x04\x19\x05READY\x0bSocket-Type\xff\xff\xff\xffPUSH"
# The beginning of a TLS handshake record: its header, and a ClientHello of 512 bytes of which nothing comes.
CLIENT_HELLO = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"
# The first bytes inside TLS, by docs/security.md: magic, version, channel, port, session.
PREAMBLE = b"LION\x01\x00" + struct.pack("<HQQ", 7700, 4711, 0)


class Wire:
    """Passes every connection on to a target; keeps what the dialler says, piece by piece."""

    def __init__(self, port, target):
        self.target, self.recorded = target, []
        self.listening = socket.create_server((HOST, port), backlog=16)
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            dialler, _ = self.listening.accept()
            try:
                listener = socket.create_connection((HOST, self.target))
            except OSError:
                dialler.close()
                continue
            pieces = []
            self.recorded.append(pieces)
            threading.Thread(target=self.carry, args=(dialler, listener, pieces), daemon=True).start()
            threading.Thread(target=self.carry, args=(listener, dialler, None), daemon=True).start()

    @staticmethod
    def carry(source, target, pieces):
        kept = 0
        try:
            while data := source.recv(1 << 16):
                if pieces is not None and kept < MOST_KEPT:
                    pieces.append(data)
                    kept += len(data)
                target.sendall(data)
        except OSError:
            pass
        for end in (source, target):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def messages(self):
        """What was said on connections without encryption: lists of ZeroMQ frames."""
        for pieces in list(self.recorded):
            data, at, parts = b"".join(pieces), 64, []
            while at + 2 <= len(data):
                flags = data[at]
                wide = flags & 2
                head = 9 if wide else 2
                if at + head > len(data):
                    break
                size = struct.unpack(">Q", data[at + 1:at + 9])[0] if wide else data[at + 1]
                if at + head + size > len(data):
                    break
                body, at = data[at + head:at + head + size], at + head + size
                if flags & 4:
                    continue
                parts.append(body)
                if not flags & 1:
                    yield parts
                    parts = []


def dial(port, timeout=2.0):
    connection = socket.create_connection((HOST, port), timeout=timeout)
    connection.settimeout(timeout)
    return connection


def push(context, port, server=None):
    """A ZeroMQ socket that dials a port, with a server key of 32 bytes or in the open."""
    dialling = context.socket(zmq.PUSH)
    dialling.linger, dialling.sndhwm = 0, 100
    if server is not None:
        public, secret = zmq.curve_keypair()
        dialling.curve_publickey, dialling.curve_secretkey, dialling.curve_serverkey = public, secret, z85.encode(server)
    dialling.connect(f"tcp://{HOST}:{port}")
    return dialling


def speak(ports, server, seconds):
    """Sends all that a ZeroMQ socket takes; without a handshake nothing leaves it but the tries at one."""
    context = zmq.Context()
    sockets = [push(context, port, server) for port in ports]
    end, sent = time.monotonic() + seconds, 0
    while time.monotonic() < end:
        for each in sockets:
            try:
                each.send_multipart([os.urandom(64), os.urandom(256)], zmq.NOBLOCK)
                sent += 1
            except zmq.Again:
                pass
        time.sleep(0.01)
    context.destroy(linger=0)
    return {"queued": sent}


def say(port, pieces, pause=0.02, wait=0.2):
    """Sends pieces over a bare connection; says whether it was hung up on."""
    try:
        with dial(port) as connection:
            for piece in pieces:
                connection.sendall(piece)
                time.sleep(pause)
            connection.settimeout(wait)
            while connection.recv(1 << 16):
                pass
            return True
    except (TimeoutError, socket.timeout):
        return False
    except OSError:
        return True


def replay(plan, wire):
    hung = sum(say(port, pieces) for pieces in list(wire.recorded) if pieces for port in plan["ports"])
    return {"recordings": len(wire.recorded), "hung up": hung}


def old_greetings(plan):
    """ZMTP 1 and 2 knew no encryption: a listener that still speaks them would let anybody in."""
    frame = b"\x01\x04" + b"abcd" + b"\x00\x04" + b"efgh"
    tries = [
        [b"\x01\x00", b"\x05\x01abcd", b"\x05\x00efgh"],  # ZMTP 1: an empty identity, then frames
        [SIGNATURE + b"\x00", b"\x08\x00\x00", frame],  # 1, by its later signature
        [SIGNATURE + b"\x01\x08\x00\x00", frame],  # 2: PUSH, an empty identity
        [PLAIN, READY, frame],  # 3 without a mechanism
    ]
    if not plan.get("insecure"):
        tries.append([PLAIN, MALFORMED, frame])
    return {"hung up": sum(say(port, pieces) for port in plan["ports"] for pieces in tries), "tried": len(tries) * len(plan["ports"])}


def shake(port, context, after=b""):
    """A TLS handshake, then some bytes; what came back, or why nothing did."""
    try:
        with dial(port) as connection, context.wrap_socket(connection) as secured:
            if after:
                secured.sendall(after)
            answer = secured.recv(1)
            if answer == b"\x01":
                raise SystemExit("the intruder was let in")
            return "answered" if answer else "closed"
    except ssl.SSLError:
        return "refused"
    except OSError:
        return "hung up"


def tls(plan, certificate=True, version=ssl.TLSVersion.TLSv1_3, after=PREAMBLE):
    """Handshakes at every port, with a key of the intruder's own or without one, by a version of TLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.minimum_version = context.maximum_version = version
    if certificate:
        context.load_cert_chain(plan["certificate"])
    told = {}
    for port in plan["ports"]:
        for _ in range(3):
            outcome = shake(port, context, after)
            told[outcome] = told.get(outcome, 0) + 1
    return told


def connections(plan):
    """Connections that come and go."""
    rate, end, made = plan["connections a second"], time.monotonic() + plan["seconds"], 0
    while time.monotonic() < end:
        try:
            dial(plan["ports"][made % len(plan["ports"])]).close()
        except OSError:
            pass
        made += 1
        time.sleep(1 / rate)
    return {"made": made}


def garbage(plan):
    """Bytes without sense, some behind a good greeting, as fast as the plan says."""
    rate, end, sent, turn = plan["garbage bytes a second"], time.monotonic() + plan["seconds"], 0, 0
    while time.monotonic() < end:
        began = time.monotonic()
        try:
            with dial(plan["ports"][turn % len(plan["ports"])]) as connection:
                for piece in ([b""], [CURVE], [PLAIN], [CLIENT_HELLO])[turn % 4] + [os.urandom(1 << 16)]:
                    connection.sendall(piece)
                    sent += len(piece)
        except OSError:
            pass
        turn += 1
        time.sleep(max(0.0, (1 << 16) / rate - (time.monotonic() - began)))
    return {"bytes": sent, "connections": turn}


def half_handshakes(plan):
    """Connections that begin a handshake and stay where they are until the plan's time is over."""
    kept = []
    for at in range(plan["half handshakes"]):
        try:
            connection = dial(plan["ports"][at % len(plan["ports"])])
            connection.sendall([b"", CLIENT_HELLO[:1], CLIENT_HELLO, SIGNATURE + b"\x03", CURVE + b"\x04\xc8\x05HELLO"][at % 5])
            kept.append(connection)
        except OSError:
            pass
    time.sleep(plan["seconds"])
    for connection in kept:
        connection.close()
    return {"kept open": len(kept)}


def oversized(plan):
    """Messages that claim, or are, far more than any frame of the ring."""
    sent = 0
    for port in plan["ports"]:
        for greeting in (CURVE, PLAIN + READY):
            for flags in (b"\x02", b"\x06"):
                for size in (1 << 26, 1 << 40, (1 << 63) - 1, (1 << 64) - 1):
                    try:
                        with dial(port) as connection:
                            connection.sendall(greeting + flags + struct.pack(">Q", size))
                            for _ in range(32):
                                connection.sendall(bytes(1 << 16))
                                sent += 1 << 16
                    except OSError:
                        pass
    if not plan.get("insecure"):
        return {"bytes": sent}
    context = zmq.Context()
    for port in plan["ports"]:
        dialling = push(context, port)
        dialling.send_multipart([b"x", bytes(1 << 26)])
        sent += 1 << 26
        time.sleep(0.5)
    context.destroy(linger=0)
    return {"bytes": sent}


TABLE = []
for byte in range(256):
    for _ in range(8):
        byte = byte >> 1 ^ (0x82F63B78 if byte & 1 else 0)
    TABLE.append(byte)


def crc(data):
    value = 0xFFFFFFFF
    for byte in data:
        value = value >> 8 ^ TABLE[(value ^ byte) & 255]
    return value ^ 0xFFFFFFFF


FIELDS = ["version", "kind", "run", "session", "view", "step", "chunk", "hop", "segment", "counts", "abstentions", "voters", "crc"]


def checksum(frame, payload):
    def number(name, size):
        return (frame[name] & (1 << 8 * size) - 1).to_bytes(size, "little")
    return crc(payload + number("kind", 1) + number("counts", 1) + number("abstentions", 1) + b"\0" + frame["run"][:8].ljust(8, b"\0")
               + number("session", 8) + number("view", 4) + number("step", 8) + number("chunk", 4) + number("hop", 4)
               + number("segment", 4) + bytes(8) + frame["voters"])


def lies_of(frame, payload):
    """Well-formed frames, each with one thing in it that is not so; all but one kind have a good checksum."""
    far = {
        "version": [0, 1, 3, 255],
        "kind": [kind for kind in range(0, 40) if kind != frame["kind"]],
        "run": [bytes(8), bytes([frame["run"][0] ^ 1]) + frame["run"][1:], frame["run"][:7], frame["run"] + b"x"],
        "session": [0, frame["session"] ^ 1, (1 << 64) - 1],
        "view": [0, frame["view"] + 1, frame["view"] + 1000, (1 << 31) - 1, 1 << 31, -1],
        "step": [0, max(0, frame["step"] - 50), frame["step"] + 1000, 1 << 62, (1 << 63) - 1, (1 << 64) - 1, -1],
        "chunk": [frame["chunk"] + 1, 255, 256, -1],
        "hop": [0, frame["hop"] + 1, 511, 512, -1],
        "segment": [frame["segment"] + 1, 1 << 20, (1 << 31) - 1, -1],
        "counts": [frame["counts"] + 1, 9, 10, 255],
        "abstentions": [frame["abstentions"] + 1, 9, 10, 255],
        "voters": [bytes(range(256)), b"\xff", b"\x03\x02", b"\x01" * 300],
    }
    step_frame = frame["kind"] in (5, 6)
    for field, values in far.items():
        # A place means something in the exchange only; elsewhere it is not looked at.
        if field in ("chunk", "hop", "segment", "counts", "abstentions", "voters") and not step_frame:
            continue
        for value in values:
            yield field, {**frame, field: value}, payload
    if payload:
        yield "length", frame, payload[:-1]
        yield "length", frame, b""
    yield "length", frame, payload + bytes(8)
    yield "length", frame, payload + bytes(100_000)
    yield "checksum", {**frame, "crc": frame["crc"] ^ 1}, payload
    if frame["kind"] == 1:
        hello = msgpack.unpackb(payload, raw=False)
        changes = [(0, 7), (0, -1), (1, 5), (2, 0), (2, hello[2] ^ 1), (3, -1), (3, (1 << 63) - 1), (4, b"short"), (5, [])]
        parts = hello[5]
        for at in range(1, len(parts), 2):
            changes.append((5, parts[:at] + ["\x1b[2Jlie\r\n" + "x" * 3000] + parts[at + 1:]))
        changes.append((5, parts + ["a field that is none", "1"]))
        changes.append((5, ["x"] * 5000))
        for at, value in changes:
            lie = msgpack.packb(hello[:at] + [value] + hello[at + 1:], use_bin_type=True)
            yield "hello", frame, lie
            yield "hello", {**frame, "session": random.getrandbits(63) | 1}, lie


def lies(plan, wire):
    """Learns from the wire how frames look at present, and sends them again with lies in them, in the same peer's name."""
    context = zmq.Context()
    dialling = push(context, wire.target)
    random.seed(plan["seed"])
    end, told = time.monotonic() + plan["seconds"], {}
    samples = {}
    for message in wire.messages():
        if len(message) == 2:
            frame = dict(zip(FIELDS, msgpack.unpackb(message[0])))
            if checksum(frame, message[1]) != frame["crc"]:
                raise ValueError(f"this script's checksum is not the ring's: {frame}")
            samples[frame["kind"], frame["hop"]] = frame, message[1]
    latest = max(frame["step"] for frame, _ in samples.values())
    for frame, _ in samples.values():
        if frame["kind"] != 1:
            frame["step"] = latest
    every = [lie for frame, payload in samples.values() for lie in lies_of(frame, payload)]
    random.shuffle(every)
    sent = 0
    while time.monotonic() < end or sent < len(every):  # each at least once
        field, frame, payload = every[sent % len(every)]
        if field != "checksum":
            frame = {**frame, "crc": checksum(frame, payload)}
        try:
            dialling.send_multipart([msgpack.packb([frame[name] for name in FIELDS], use_bin_type=True), payload], zmq.NOBLOCK)
            told[field] = told.get(field, 0) + 1
        except zmq.Again:
            pass
        sent += 1
        time.sleep(1 / plan["lies a second"])
    time.sleep(0.2)
    context.destroy(linger=0)
    return {"kinds seen": sorted({kind for kind, _ in samples}), "lies": told}


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        plan = json.load(file)
    wire = Wire(*plan["wire"]) if "wire" in plan else None
    print(json.dumps({"deed": "ready"}), flush=True)
    sys.stdin.readline()  # until the ring runs
    deeds = {
        "no encryption": lambda: speak(plan["ports"], None, plan["seconds"]),
        "CURVE": lambda: speak(plan["ports"], z85.decode(zmq.curve_keypair()[0]), plan["seconds"]),
        "TLS with a key of its own": lambda: tls(plan),
        "TLS without a certificate": lambda: tls(plan, certificate=False),
        "TLS 1.2": lambda: tls(plan, version=ssl.TLSVersion.TLSv1_2),
        "garbage inside TLS": lambda: tls(plan, after=os.urandom(1 << 14)),
        "recorded bytes": lambda: replay(plan, wire),
        "old greetings": lambda: old_greetings(plan),
        "connections": lambda: connections(plan),
        "garbage": lambda: garbage(plan),
        "half handshakes": lambda: half_handshakes(plan),
        "oversized messages": lambda: oversized(plan),
        "lies": lambda: lies(plan, wire),
    }
    for deed in plan["deeds"]:
        print(json.dumps({"deed": deed, **deeds[deed]()}), flush=True)
    print(json.dumps({"deed": "done"}), flush=True)
    sys.stdin.read()  # the wire goes on until the ring has ended


main()
