"""An L2TP client in the two SAs that its file names: a control connection is set up, kept and ended (RFC 2661 §5).

ESP in transport mode in UDP, from behind a NAT: what it covers was sent from an address that the server does not see. Prints
as JSON what each message was answered by.
"""
import json
import logging
import socket
import sys
import time

logging.getLogger("scapy").setLevel(logging.CRITICAL)

from scapy.compat import raw
from scapy.layers.inet import IP, UDP
from scapy.layers.ipsec import ESP, SecurityAssociation
from scapy.layers.l2tp import L2TP
from scapy.packet import Raw

SECONDS = 3
SCCRQ, SCCRP, SCCCN, STOP, HELLO = 1, 2, 3, 4, 6
ETHERNET_OCTETS = 14
ALL_FRAMES = 3


def association(sa, ports):
    return SecurityAssociation(
        ESP,
        spi=sa["spi"],
        crypt_algo="AES-CBC",
        crypt_key=bytes.fromhex(sa["encryptionKey"]),
        auth_algo="HMAC-SHA1-96",
        auth_key=bytes.fromhex(sa["integrityKey"]),
        nat_t_header=UDP(sport=ports[0], dport=ports[1]),
    )


def avp(attribute, value):
    return (0x8000 | 6 + len(value)).to_bytes(2, "big") + bytes(2) + attribute.to_bytes(2, "big") + value


def u16(value):
    return value.to_bytes(2, "big")


def avps(octets):
    found = {}
    while octets:
        length = int.from_bytes(octets[:2], "big") & 0x3FF
        found[int.from_bytes(octets[4:6], "big")] = octets[6:length]
        octets = octets[length:]
    return found


def sums_to_zero(source, destination, datagram):
    octets = socket.inet_aton(source) + socket.inet_aton(destination) + bytes([0, 17]) + u16(len(datagram)) + datagram
    octets += bytes(len(octets) % 2)
    total = sum(int.from_bytes(octets[i : i + 2], "big") for i in range(0, len(octets), 2))
    while total > 0xFFFF:
        total = (total >> 16) + (total & 0xFFFF)
    return total == 0xFFFF


class Client:
    def __init__(self, config):
        self.config = config
        self.out = association(config["outbound"], (4500, 4500))
        self.back = association(config["inbound"], (4500, 4500))
        self.sender = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
        self.receiver = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x0800))
        self.receiver.bind((config["interface"], 0))
        self.receiver.settimeout(SECONDS)
        self.peer = 0
        self.ns = 0
        self.nr = 0

    def say(self, kind, *more):
        body = avp(0, u16(kind)) + b"".join(more)
        control = header(self.peer, self.ns, self.nr, len(body))
        self.ns += 1
        clear = IP(src=self.config["address"], dst=self.config["server"]) / UDP(sport=1701, dport=1701)
        packet = IP(raw(clear / control / Raw(body)))
        sealed = bytearray(raw(self.out.encrypt(packet)))
        # scapy writes the length of UDP before ESP is in it.
        sealed[24:26] = u16(len(sealed) - 20)
        self.sender.sendto(bytes(sealed), (self.config["server"], 0))
        return self.hear()

    def hear(self):
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            try:
                packet = IP(self.receiver.recv(65535)[ETHERNET_OCTETS:])
            except TimeoutError:
                break
            if ESP in packet and packet[ESP].spi == self.config["inbound"]["spi"]:
                return self.read(self.back.decrypt(packet))
        return {"error": "no answer"}

    def read(self, packet):
        datagram = raw(packet.payload)
        octets = datagram[8:]
        flags, length, tunnel, session, ns, nr = (int.from_bytes(octets[i : i + 2], "big") for i in range(0, 12, 2))
        values = avps(octets[12:length])
        kind = int.from_bytes(values[0], "big") if 0 in values else None
        if 9 in values:
            self.peer = int.from_bytes(values[9], "big")
        if kind is not None:
            self.nr = ns + 1
        return {
            "type": kind,
            "isControl": flags == 0xC802 and length == len(octets) and session == 0,
            "tunnel": tunnel,
            "nr": nr,
            "host": values.get(7, b"").decode(),
            "ports": [packet[UDP].sport, packet[UDP].dport],
            "checksum": sums_to_zero(self.config["server"], self.config["seen"], datagram),
        }


def header(tunnel, ns, nr, octets):
    flags = ["control", "length", "sequence"]
    return L2TP(hdr=flags, version=2, len=12 + octets, tunnel_id=tunnel, session_id=0, ns=ns, nr=nr)


with open(sys.argv[1], encoding="utf-8") as file:
    config = json.load(file)
client = Client(config)
start = (
    avp(2, u16(0x0100)),
    avp(3, bytes([0, 0, 0, ALL_FRAMES])),
    avp(7, b"scapy"),
    avp(9, u16(config["tunnel"])),
)
answers = [client.say(SCCRQ, *start), client.say(SCCCN)]
answers += [client.say(HELLO) for _ in range(config["hellos"])]
answers.append(client.say(STOP, avp(1, u16(1)), avp(9, u16(config["tunnel"]))))
print(json.dumps(answers))
