/** What is used here of packages that come without types. */
declare module 'pcap-parser' {
  import type { EventEmitter } from 'node:events';

  export function parse(stream: EventEmitter): EventEmitter;
}

declare module 'ip-packet' {
  export interface Packet {
    readonly ihl: number;
    readonly version: number;
    readonly dscp: number;
    readonly ecn: number;
    readonly identification: number;
    readonly flags: number;
    readonly fragmentOffset: number;
    readonly ttl: number;
    readonly protocol: number;
    readonly checksum: number;
    readonly sourceIp: string;
    readonly destinationIp: string;
    readonly data: Buffer;
  }

  interface State {
    buffer: Buffer;
    start: number;
    end: number;
  }

  export function preencode(state: State, packet: Packet): void;
  export function encode(state: State, packet: Packet): void;
  export function decode(state: State): Packet;
}
