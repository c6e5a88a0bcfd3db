export { espLine, ikeLine } from './key-tables.ts';
export { pcapHeader, pcapOf, pcapRecord, type TimedPacket } from './pcap.ts';
