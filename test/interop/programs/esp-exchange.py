"""Sends IPv4 packets as they are, from a JSON file, each when the one before was answered by ESP or in vain; prints the answers."""
import json
import socket
import sys

SECONDS = 2

with open(sys.argv[1], encoding="utf-8") as file:
    packets = [bytes.fromhex(text) for text in json.load(file)]

sender = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
receiver = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ESP)
receiver.settimeout(SECONDS)

answers = []
for packet in packets:
    sender.sendto(packet, (socket.inet_ntoa(packet[16:20]), 0))
    try:
        answers.append(receiver.recv(65535).hex())
    except TimeoutError:
        answers.append("")
print(json.dumps(answers))
