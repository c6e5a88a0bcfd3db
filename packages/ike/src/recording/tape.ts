import type { DhGroupNumber, DhSide, Engine, Rng } from '@espalier/crypto';
import { toHex } from '@espalier/wire';
import { fieldsOf, readBoolean, readObject } from '../configuration/read.ts';
import type { Timeout } from '../events.ts';
import type { IkeEndpointConfig } from '../types.ts';
import { privateGroupKeyPair } from '../v1/quick-mode/own-exchange.ts';
import { FORMAT, VERSION } from './format.ts';
import { type Show, toJson } from './json.ts';

/** Where a recording goes, and what it holds. */
export interface RecordingOptions {
  /** Is handed each line, without its end. What it throws reaches the caller. */
  readonly write: (line: string) => void;
  /**
   * false, the default: what goes in and comes out, as whoever is on the way sees it, with the names, addresses, identities
   * and algorithms of the configuration. It holds no key, and replays up to the first message that needs one.
   *
   * true: pre-shared keys, the keys of answers, private Diffie-Hellman values and the keys of children too. It replays
   * to its end. Whoever reads it can pass for this side, and read everything that was sent under it.
   */
  readonly secrets?: boolean;
}

export type OutputKind = 'event' | 'transmit' | 'question';

/** Writes down what passes an endpoint's doors, in the order in which it does. */
export class Tape {
  readonly #write: (line: string) => void;
  readonly #secrets: boolean;
  /** Outputs that the caller has seen the end of since the last input. */
  readonly #drained = new Set<OutputKind>();
  /** Keys as an event said them: the caller may have wiped them before the next one says the same. */
  readonly #said = new WeakMap<Uint8Array, string>();

  constructor(options: RecordingOptions) {
    const { write, secrets = false } = readObject<RecordingOptions>('recording', options);
    if (typeof write !== 'function') throw new TypeError('recording.write: must be a function');
    this.#write = options.write;
    this.#secrets = readBoolean('recording.secrets', secrets);
    this.#line({ format: FORMAT, version: VERSION, secrets: this.#secrets });
  }

  /** The same configuration; what is drawn and asked for on its behalf is written down. */
  watch(config: IkeEndpointConfig): IkeEndpointConfig {
    const { engine, rng, softLifetime } = config;
    return {
      ...config,
      rng: this.#watchRng(rng),
      engine: this.#watchEngine(engine, rng),
      ...(softLifetime === undefined
        ? {}
        : {
            softLifetime: (hard, role) => {
              const soft = softLifetime(hard, role);
              this.#line({ softLifetime: soft });
              return soft;
            },
          }),
    };
  }

  begin({ allowLegacy, peers, softLifetime }: IkeEndpointConfig): void {
    this.input('construct', { allowLegacy, peers, ownSoftLifetime: softLifetime !== undefined });
  }

  /** Before it is done: so that what never returns is there. What cannot be recorded is an error, and is left to be one. */
  input(name: string, fields: object): void {
    this.#drained.clear();
    this.#line({ input: name, ...this.#readable(fields) });
  }

  returned(result: unknown, timeout: Timeout | undefined): void {
    this.#line({ returned: result ?? null, timeout: timeout ?? null });
  }

  threw(error: unknown): void {
    const { name, message } = error instanceof Error ? error : { name: 'unknown', message: '' };
    this.#line({ threw: name, message });
  }

  output(kind: OutputKind, value: object | undefined): void {
    if (value !== undefined) {
      const show = this.#show((octets) => this.#say(octets));
      this.#line({ [kind]: toJson(value, show) });
    } else if (!this.#drained.has(kind)) {
      this.#line({ drained: kind });
      this.#drained.add(kind);
    }
  }

  #show(how: Show): Show {
    return this.#secrets ? how : undefined;
  }

  #say(octets: Uint8Array): string {
    const said = this.#said.get(octets) ?? toHex(octets);
    this.#said.set(octets, said);
    return said;
  }

  #readable(fields: object): object {
    try {
      return fieldsOf<Record<string, unknown>>(toJson(fields, this.#show(toHex)));
    } catch {
      return { unreadable: true };
    }
  }

  #watchRng(rng: Rng): Rng {
    return {
      fill: (out) => {
        rng.fill(out);
        this.#line({ random: toHex(out) });
      },
    };
  }

  #watchEngine(engine: Engine, rng: Rng): Engine {
    return {
      name: engine.name,
      supports: (suite) => engine.supports(suite),
      allocate: (octets) => engine.allocate(octets),
      release: (memory) => engine.release(memory),
      createEspTransform: (options) => engine.createEspTransform(options),
      createIcvTransform: (options) => engine.createIcvTransform(options),
      createDhKeyPair: (group) => this.#keyPair(group, rng, (own) => engine.createDhKeyPair(group, own)),
      createPrivateGroupKeyPair: (group) =>
        this.#keyPair('private', rng, (own) => privateGroupKeyPair(engine, group, own)),
      signatures: engine.signatures,
    };
  }

  /** What is drawn for a private value is not as public as the rest. */
  #keyPair<T extends DhSide>(group: DhGroupNumber | 'private', rng: Rng, make: (rng: Rng) => T): T {
    const random: string[] = [];
    const pair = make({
      fill: (out) => {
        rng.fill(out);
        if (this.#secrets) random.push(toHex(out));
      },
    });
    const publicValue = toHex(pair.publicValue);
    this.#line({ keyPair: group, publicValue, ...(this.#secrets ? { random } : {}) });
    return pair;
  }

  #line(value: object): void {
    this.#write(JSON.stringify(value));
  }
}
