import type { Block, Value } from '../places/block.ts';
import { choice, integer, interfaceAddress, text } from '../places/values.ts';
import { unexpected } from '../text/error.ts';
import type { Word } from '../text/tokenizer.ts';

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
  /** `dial-options` of a services PIC: for the tunnels of dynamic endpoints. */
  readonly dialOptions?: JunosDialOptions;
  /** The service sets that are applied to what comes in here, and to what goes out. */
  readonly service: { readonly input: readonly string[]; readonly output: readonly string[] };
}

/** Whether a unit is for one dynamic tunnel at a time, or for all of its identifier. */
export interface JunosDialOptions {
  /** `ipsec-interface-id` */
  readonly id: string;
  readonly use: 'dedicated' | 'shared';
}

/** `interfaces { ... }`: what has nothing to do with a gateway is passed over with a notice. */
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

/** The device that a reference names, or its unit 0. */
export function existingDevice(interfaces: readonly JunosInterface[]): Value<string> {
  return (word) => {
    const name = word.text.replace(/\.0$/, '');
    if (interfaces.some(({ device }) => device === name)) return name;
    throw unexpected(word.position, 'a device among the interfaces of this configuration', `"${word.text}"`);
  };
}

function readDevice(block: Block, device: Word): JunosInterface[] {
  const description = block.one('description', text);
  block.section('services-options', readServicesOptions);
  const units = block.named('unit', (unit, number) => readUnit(unit, number, device.text, description)).flat();
  if (leftOut(block, device)) return [];
  block.passOver();
  return units;
}

function readUnit(block: Block, number: Word, device: string, description: string | undefined): JunosInterface[] {
  const unit = integer(0, 1073741823)(number);
  block.refuse('unit', `the end of unit ${unit}: a closing brace is missing`);
  const own = block.one('description', text);
  const families = block.named('family', readFamily);
  const serviceDomain = block.one('service-domain', choice({ inside: 'inside', outside: 'outside' }));
  const dialOptions = block.section('dial-options', readDialOptions);
  if (leftOut(block, number)) return [];
  if (dialOptions !== undefined && serviceDomain !== 'inside') {
    return block.incomplete(
      'service-domain inside: ipsec-interface-id must be defined only on the inside unit, and so',
    );
  }
  block.passOver();
  return [
    {
      name: `${device}.${unit}`,
      device,
      unit,
      description: own ?? description,
      addresses: families.flatMap(({ addresses }) => addresses),
      serviceDomain,
      ...(dialOptions !== undefined && { dialOptions }),
      service: {
        input: families.flatMap(({ input }) => input),
        output: families.flatMap(({ output }) => output),
      },
    },
  ];
}

/** `dial-options { ipsec-interface-id ID; (dedicated | shared); }`; those for L2TP are passed over. */
function readDialOptions(block: Block): JunosDialOptions | undefined {
  const id = block.one('ipsec-interface-id', text);
  if (id === undefined) {
    block.passOver();
    return undefined;
  }
  block.refuse('l2tp-interface-id', 'only one of ipsec-interface-id and l2tp-interface-id');
  const dedicated = block.flag('dedicated');
  const shared = block.flag('shared');
  if (dedicated === shared) return block.incomplete('either dedicated or shared');
  return { id, use: dedicated ? 'dedicated' : 'shared' };
}

/** System logging of the services PIC: there is no logging here. */
function readServicesOptions(block: Block): void {
  block.section('syslog', (syslog) => {
    syslog.named('host', (host, name) => {
      host.drop();
      host.notice(name.position, `syslog host ${name.text} has no effect here`);
    });
    syslog.passOver();
  });
  block.passOver();
}

/** `disable;` */
function leftOut(block: Block, { position, text: name }: Word): boolean {
  const out = block.flag('disable');
  if (!out) return false;
  block.notice(position, `${name} is disabled, and left out`);
  block.passOver();
  return true;
}

interface Family {
  readonly addresses: readonly string[];
  readonly input: readonly string[];
  readonly output: readonly string[];
}

const NOTHING: Family = { addresses: [], input: [], output: [] };

function readFamily(block: Block, family: Word): Family {
  if (family.text !== 'inet') {
    block.notice(family.position, `not read: family ${family.text}`);
    block.drop();
    return NOTHING;
  }
  block.refuse('unit', 'the end of family inet: a closing brace is missing');
  const addresses = block.named('address', (address, word) => {
    address.passOver();
    return interfaceAddress(word);
  });
  const service = block.section('service', readService);
  block.passOver();
  return { addresses, input: service?.input ?? [], output: service?.output ?? [] };
}

/** `service { input { service-set S; } output { service-set S; } }` */
function readService(block: Block): Pick<Family, 'input' | 'output'> {
  const sets = (side: Block) =>
    side.named('service-set', (set, name) => {
      set.notYet('service-filter', 'service filters');
      return name.text;
    });
  const input = block.section('input', sets) ?? [];
  const output = block.section('output', sets) ?? [];
  block.passOver();
  return { input, output };
}
