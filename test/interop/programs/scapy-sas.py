"""One SA of scapy for each job: seals a packet, or opens one. Jobs come as JSON from a file, answers go out as JSON."""
import json
import logging
import sys

logging.getLogger("scapy").setLevel(logging.CRITICAL)

from scapy.layers.inet import IP, UDP
from scapy.layers.inet6 import IPv6
from scapy.layers.ipsec import AH, ESP, SecurityAssociation
from scapy.packet import raw


def octets(text):
    return bytes.fromhex(text)


def packet_of(text):
    packet = octets(text)
    return IPv6(packet) if packet[0] >> 4 == 6 else IP(packet)


def association(sa):
    tunnel = sa.get("tunnel")
    header = None
    if tunnel is not None:
        cls = IPv6 if ":" in tunnel["source"] else IP
        header = cls(src=tunnel["source"], dst=tunnel["destination"])
    udp = sa.get("udp")
    esn = sa.get("sequenceHigh")
    encryption = sa.get("encryption")
    return SecurityAssociation(
        {"esp": ESP, "ah": AH}[sa["protocol"]],
        spi=sa["spi"],
        seq_num=sa["sequence"],
        crypt_algo=encryption,
        crypt_key=octets(sa["encryptionKey"]) if encryption else None,
        crypt_icv_size=sa.get("icvOctets"),
        auth_algo=sa.get("integrity"),
        auth_key=octets(sa["integrityKey"]) if sa.get("integrity") else None,
        tunnel_header=header,
        nat_t_header=UDP(sport=udp["sourcePort"], dport=udp["destinationPort"]) if udp else None,
        esn_en=esn is not None,
        esn=esn or 0,
    )


def answer(job):
    sa = association(job["sa"])
    packet = packet_of(job["packet"])
    done = sa.encrypt(packet) if job["do"] == "seal" else sa.decrypt(packet)
    return {"packet": raw(done).hex()}


def answers(jobs):
    for job in jobs:
        try:
            yield answer(job)
        except Exception as error:
            yield {"error": f"{type(error).__name__}: {error}"}


with open(sys.argv[1], encoding="utf-8") as file:
    print(json.dumps(list(answers(json.load(file)))))
