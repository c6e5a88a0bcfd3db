import { readFileSync } from 'node:fs';
import type { Engine, Rng } from '@espalier/crypto';
import { formatIkeSecurityAssociations, type JunosConfiguration } from '@espalier/junos';
import { type Duration, type Instant, seconds } from '@espalier/wire';
import { CertificateHolder, type CertificateTexts } from '../common/certificate-holder.ts';
import { type Holdings, namesOf } from '../common/junos-pki.ts';
import type { Verified } from '../four-routers/evidence.ts';
import { R4_ADDRESS, verifyAsDocumented } from '../four-routers/verification.ts';
import { VirtualClock } from '../routers/clock.ts';
import { Operator } from '../routers/operator.ts';
import type { PingReport } from '../routers/ping.ts';
import { Story } from '../routers/story.ts';
import type { Terminal } from '../routers/terminal.ts';
import { buildTopology, type Topology } from '../routers/topology.ts';
import { type Authority, type Enrolled, START } from './authority.ts';

/** The authority and the two routers that have certificates of it. */
interface Enrolment {
  readonly authority: Authority;
  readonly r2: Enrolled;
  readonly r3: Enrolled;
}

export interface ScenarioOptions {
  readonly engine: Engine;
  readonly rng: Rng;
  readonly terminal: Terminal;
  readonly enrolment: Enrolment;
  /** Sees every packet of the link between R2 and R3. */
  readonly tap?: (now: Instant, packet: Uint8Array) => void;
}

/** What the routers have shown with certificates that are good. */
export interface Evidence extends Verified {
  readonly certificates: { readonly r2: CertificateTexts; readonly r3: CertificateTexts };
  readonly ikeDetail: { readonly r2: string; readonly r3: string };
}

/** What becomes of them where R3's certificate is revoked. */
export interface Revoked {
  readonly ping: PingReport;
  /** IKE SAs of R2, which is the one to refuse, and IPsec SAs of both gateways. */
  readonly sas: number;
  /** Why negotiations failed, each reason once. */
  readonly failures: readonly string[];
  /** What the story has told. */
  readonly told: readonly string[];
}

const CONFIGURATIONS = new URL('../../configs/', import.meta.url);

/** For the negotiation and a few Hellos. */
const PATIENCE = seconds(60);

/** For a negotiation or two that come to nothing. */
const IMPATIENCE = seconds(15);

/** The text of a router's configuration: those of R1 and R4 are as in the example with a shared key. */
export function configurationOf(router: string): string {
  const isGateway = router === 'R2' || router === 'R3';
  const path = isGateway ? `digital-certificates/${router}.conf` : `${router}.conf`;
  return readFileSync(new URL(path, CONFIGURATIONS), 'utf8');
}

/** Brings the four routers up, and verifies them as the document does. */
export function runScenario(options: ScenarioOptions): Evidence {
  return new Scenario(options, []).verify();
}

/** The same with a CRL in which R3's certificate is revoked: nothing is to come up. */
export function runRevoked(options: ScenarioOptions): Revoked {
  return new Scenario(options, [options.enrolment.r3]).seeNothing();
}

class Scenario {
  readonly #clock = new VirtualClock();
  readonly #operator: Operator;
  readonly #terminal: Terminal;
  readonly #story: Story;
  readonly #topology: Topology;
  readonly #holders = new Map<string, CertificateHolder>();
  readonly #told: string[] = [];

  constructor({ terminal, enrolment, tap, ...resources }: ScenarioOptions, revoked: readonly Enrolled[]) {
    this.#terminal = terminal;
    this.#operator = new Operator(this.#clock, terminal);
    const overheard: Terminal = {
      ...terminal,
      print: (line = '') => {
        this.#told.push(line);
        terminal.print(line);
      },
    };
    // The configurations are those of the run with good certificates, which has told what they have.
    this.#story = new Story(this.#clock, overheard, revoked.length === 0);
    const crl = enrolment.authority.crl(...revoked);
    const holderOf = (name: string, configuration: JunosConfiguration) => {
      const holder = new CertificateHolder(configuration, holdingsOf(name, enrolment, crl), resources.engine);
      this.#holders.set(name, holder);
      return holder;
    };
    this.#topology = buildTopology(
      this.#clock,
      {
        ...resources,
        configurationOf,
        certificatesOf: (router) => namesOf(holdingsOf(router, enrolment, crl)),
        answerTo: ({ name, configuration }) => {
          const holder = holderOf(name, configuration);
          // The virtual clock begins when the routers are switched on.
          return (question, now) => holder.answer(question, START + now);
        },
      },
      this.#story,
      (packet) => tap?.(this.#clock.now, packet),
    );
  }

  verify(): Evidence {
    this.#comeUp();
    const shownOf = (router: string) => this.#showCertificates(router);
    const verified = verifyAsDocumented(this.#operator, this.#topology, () => this.#clock.now, shownOf);
    const { r2, r3 } = this.#topology.gateways;
    const ikeDetail = (show: typeof r2) =>
      formatIkeSecurityAssociations(show.ikeSecurityAssociations(this.#clock.now), { detail: true });
    return {
      ...verified,
      certificates: { r2: this.#textsOf('R2'), r3: this.#textsOf('R3') },
      ikeDetail: { r2: ikeDetail(r2), r3: ikeDetail(r3) },
    };
  }

  seeNothing(): Revoked {
    this.#comeUp(IMPATIENCE);
    const { r1, cores } = this.#topology;
    const { failures } = this.#story.tally;
    const sas = cores.r2.ikeSas().length + cores.r2.ipsecSas().length + cores.r3.ipsecSas().length;
    this.#operator.show('R2', 'security pki crl detail', this.#textsOf('R2').crls);
    const ping = this.#operator.ping(r1, R4_ADDRESS, 5);
    return { ping, sas, failures, told: this.#told };
  }

  /** Until all neighbours have found each other; those of R2 and R3 need the tunnel for it. */
  #comeUp(patience: Duration = PATIENCE): void {
    const { ospf } = this.#topology;
    this.#terminal.print('The routers come up (virtual time, router, event):');
    this.#clock.runFor(patience, () => ospf.every(({ state }) => state === '2-Way'));
    this.#story.silence();
  }

  #showCertificates(router: string): void {
    const texts = this.#textsOf(router);
    this.#operator.show(router, 'services ipsec-vpn certificates detail', texts.ofServices);
    if (router !== 'R2') return;
    this.#operator.show(router, 'security pki ca-certificate', texts.authorities);
    this.#operator.show(router, 'security pki local-certificate detail', texts.own);
    this.#operator.show(router, 'security pki crl detail', texts.crls);
  }

  #textsOf(router: string): CertificateTexts {
    const holder = this.#holders.get(router);
    if (holder === undefined) throw new RangeError(`${router} has no certificates`);
    return holder.show();
  }
}

/** Whose certificate each is, and what it is called there. */
const OWN = [
  ['R2', 'local-entrust2', 'r2'],
  ['R3', 'local-entrust3', 'r3'],
] as const;

function holdingsOf(router: string, { authority, r2, r3 }: Enrolment, crl: ReturnType<Authority['crl']>): Holdings {
  return {
    authorities: new Map([['entrust', authority.certificate]]),
    crls: new Map([['entrust', [crl]]]),
    own: new Map(OWN.filter(([owner]) => owner === router).map(([, id, side]) => [id, { r2, r3 }[side]])),
  };
}
