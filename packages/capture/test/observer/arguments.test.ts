import { describe, expect, it } from 'vitest';
import { Observer } from '../../src/index.ts';

const octets = new Uint8Array(60);
const frame = { number: 1, time: 0, linkType: 1, octets };
const end = { address: '192.0.2.1', port: 500 };
const datagram = { number: 1, time: 0, source: end, destination: end, octets };

describe('what an observer cannot run on is the mistake of its caller, by name', () => {
  it.each([
    [null, 'options must be an object'],
    [{ keys: 'esp_sa' }, 'keys must be an object'],
    [{ keys: {} }, 'keys must be what readKeys gives'],
    [{ engine: {} }, 'engine must be an Engine'],
    [{ ports: 500 }, 'ports must be iterable'],
    [{ ports: ['500'] }, 'ports[0] must be a number'],
    [{ ports: [500, 65_536] }, 'ports[1] must be an integer from 0 to 65535'],
    [{ limits: { sa: 1 } }, 'limits.sa: there is no such member'],
    [{ limits: { sas: -1 } }, 'limits.sas must be a whole number'],
    [{ limits: { sas: Number.NaN } }, 'limits.sas must be a whole number'],
  ])('new Observer(%j): %s', (options, message) => {
    expect(() => Reflect.construct(Observer, [options])).toThrow(message);
  });

  it.each([
    [undefined, 'frame must be an object'],
    [{ ...frame, number: '1' }, 'number must be a number'],
    [{ ...frame, time: Number.NaN }, 'time must be finite'],
    [{ ...frame, linkType: undefined }, 'linkType must be a number'],
    [{ ...frame, octets: [1] }, 'octets must be a Uint8Array'],
  ])('push(%j): %s', (given, message) => {
    const observer = new Observer();
    expect(() => Reflect.apply(observer.push, observer, [given])).toThrow(message);
    expect(observer.report().frames).toBe(0);
  });

  it.each([
    [undefined, 'datagram must be an object'],
    [{ ...datagram, time: Number.POSITIVE_INFINITY }, 'time must be finite'],
    [{ ...datagram, source: '192.0.2.1' }, 'source must be an object'],
    [{ ...datagram, source: { ...end, port: '500' } }, 'source.port must be a number'],
    [
      { ...datagram, destination: { ...end, address: 'gateway' } },
      'destination.address is not an IP address: "gateway"',
    ],
    [{ ...datagram, octets: undefined }, 'octets must be a Uint8Array'],
  ])('pushDatagram(%j): %s', (given, message) => {
    const observer = new Observer();
    expect(() => Reflect.apply(observer.pushDatagram, observer, [given])).toThrow(message);
    expect(observer.report().frames).toBe(0);
  });
});
