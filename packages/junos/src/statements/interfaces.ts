import { unexpected } from '../text/error.ts';
import type { Word } from '../text/tree.ts';
import type { Block, Value } from './block.ts';
import { choice, integer, interfaceAddress, text } from './values.ts';

/** One unit of a device, for example `so-0/0/0.0`. */
export interface JunosInterface {
  /** Device and unit: `so-0/0/0.0`. */
  readonly name: string;
  readonly device: string;
  readonly unit: number;
  readonly description: string | undefined;
  /** IPv4 addresses with the lengths of their prefixes: `10.1.12.2/30`. */
  readonly addresses: readonly string[];
  /** Which side of the services PIC this unit is, if it is one. */
  readonly serviceDomain: 'inside' | 'outside' | undefined;
}

/** `interfaces { ... }` */
export function readInterfaces(block: Block): JunosInterface[] {
  return block.each(readDevice).flat();
}

/** The interface that a reference names, of a service domain if one is asked for. */
export function existing(interfaces: readonly JunosInterface[], serviceDomain?: 'inside' | 'outside'): Value<string> {
  return (word) => {
    const found = interfaces.find(({ name }) => name === word.text);
    if (found && (serviceDomain === undefined || found.serviceDomain === serviceDomain)) return found.name;
    const expected = `an interface of this configuration${serviceDomain ? ` with service-domain ${serviceDomain}` : ''}`;
    throw unexpected(word.position, expected, `"${word.text}"`);
  };
}

/** The device that a reference names. */
export function existingDevice(interfaces: readonly JunosInterface[]): Value<string> {
  return (word) => {
    if (interfaces.some(({ device }) => device === word.text)) return word.text;
    throw unexpected(word.position, 'a device among the interfaces of this configuration', `"${word.text}"`);
  };
}

function readDevice(block: Block, device: Word): JunosInterface[] {
  const description = block.one('description', text);
  block.section('services-options', readServicesOptions);
  return block.named('unit', (unit, number) => readUnit(unit, number, device.text, description));
}

function readUnit(block: Block, number: Word, device: string, description: string | undefined): JunosInterface {
  const unit = integer(0, 1073741823)(number);
  return {
    name: `${device}.${unit}`,
    device,
    unit,
    description: block.one('description', text) ?? description,
    addresses: block.named('family', readFamily).flat(),
    serviceDomain: block.one('service-domain', choice({ inside: 'inside', outside: 'outside' })),
  };
}

function readFamily(block: Block, family: Word): string[] {
  choice({ inet: 'inet' }, { inet6: 'IPv6 on interfaces' })(family);
  return block.list('address', interfaceAddress);
}

/** System logging of the services PIC: there is no logging here. */
function readServicesOptions(block: Block): void {
  block.section('syslog', (syslog) => {
    syslog.named('host', (host, name) => {
      host.one(
        'services',
        choice({ any: 0, emergency: 0, alert: 0, critical: 0, error: 0, warning: 0, notice: 0, info: 0, none: 0 }),
      );
      host.notice(name.position, `syslog host ${name.text} has no effect here`);
    });
  });
}
